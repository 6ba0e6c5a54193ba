namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What copying needs of a chunk: those who copy it hear what is touched; one that a copy replaces is made independent of the journal.</summary>
internal sealed partial class ChunkFile
{
    private readonly Lock sourcesGate = new();
    private volatile ReplicaSource[]? sources;

    /// <summary>From now on a source hears what is touched.</summary>
    public void AddSource(ReplicaSource source)
    {
        lock (sourcesGate) sources = [.. sources ?? [], source];
    }

    /// <summary>A source hears nothing any more.</summary>
    public void RemoveSource(ReplicaSource source)
    {
        lock (sourcesGate)
        {
            ReplicaSource[] left = [.. (sources ?? []).Where(one => one != source)];
            sources = left.Length > 0 ? left : null;
        }
    }

    /// <summary>Puts all there is into its own file and voids what the journal has of it. In a turn.</summary>
    public async Task LeaveJournalAsync()
    {
        await Disk.FlushAsync(file, Disk.FolderOf(head.Handle));
        await Disk.Journal.BarrierAsync(head.Handle);
    }

    private void Touch(long from, long to)
    {
        if (sources is not { } all) return;
        foreach (var one in all) one.Touch(from, to);
    }
}
