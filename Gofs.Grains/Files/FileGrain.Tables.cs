using Gofs.Chunks;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Files;

/// <summary>What a file says to the tables of its chunks: which are still to be committed, are its own, are its own no more. Each may be said again.</summary>
internal sealed partial class FileGrain
{
    private async Task KeepChunksAsync(WriterLeaseState held, NamespaceConfig config, CancellationToken cancellation)
    {
        if (Now - held.KeptAt < config.LeaseTime / 3) return;
        var handles = held.Uncommitted.ToArray();
        await AtTablesAsync(handles, (table, some) => table.KeepAsync(some, config.LeaseTime, cancellation));
        held.KeptAt = Now;
    }

    private async Task ConfirmAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        if (handles.Length == 0) return;
        var wanted = await GoalAsync(cancellation);
        await AtTablesAsync(handles, (table, some) => table.ConfirmAsync(some, wanted, cancellation));
    }

    // Chunks placed for a file share a shard, so this is nearly always one call; the chunk of a file put whole may be in another.
    private Task AtTablesAsync(ChunkHandle[] handles, Func<IChunkTableGrain, ChunkHandle[], Task> call) => Task.WhenAll(handles
        .Where(handle => handle != ChunkHandle.None)
        .GroupBy(handle => handle.Shard)
        .Select(shard => call(Table(shard.First()), [.. shard])));

    private async Task ReleaseChunksAsync(CancellationToken cancellation)
    {
        if (State.Releasing.Count == 0) return;
        var handles = State.Releasing.ToArray();
        await AtTablesAsync(handles, (_, some) => Control(some[0]).ReleaseReferencesAsync(
            [.. some.Select(chunk => new ChunkReference(chunk, inode.Value))], cancellation));
        Raise(new FileChunksReleased(handles));
        await DurableAsync(cancellation);
    }
}
