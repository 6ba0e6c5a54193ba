namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Serves the flushes of one disk that wait together: a few by a sync each, many by one sync of the file system. Why: one sync costs a disk
/// much the same whatever it carries, so the more wait, the cheaper each.
/// </summary>
internal sealed class FlushGroup : IDisposable
{
    private const int FewFiles = 2;
    private const int MostWaiting = 8192;
    private readonly Lock gate = new();
    private readonly IChunkDisk disk;
    private readonly Action<IOException> failed;
    private readonly IDiskWorker worker;
    private readonly TaskCreationOptions completion;
    private List<Waiting> waiting = [];
    private List<Waiting> serving = [];
    private bool stopping;

    /// <summary>Starts what flushes.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="threads">Where it runs.</param>
    /// <param name="failed">Told when a sync fails: what it covered may be lost, so the disk can't be trusted.</param>
    public FlushGroup(IChunkDisk disk, IDiskThreads threads, Action<IOException> failed)
    {
        this.disk = disk;
        this.failed = failed;
        completion = threads.Completion;
        worker = threads.Start("gofs flush", Step);
    }

    /// <summary>Syncs of the whole file system so far.</summary>
    public long FileSystemSyncs { get; private set; }

    /// <summary>Ends when all written to the file so far is on stable storage.</summary>
    /// <param name="file">The file; it must stay open.</param>
    /// <param name="newIn">The folder, when the file's name is new there.</param>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>: too many wait.</exception>
    public Task FlushAsync(IDiskFile file, string? newIn)
    {
        var one = new Waiting(file, newIn, new(completion));
        lock (gate)
        {
            if (stopping) throw new GofsException(GofsError.Unavailable, "the chunk store is closing");
            if (waiting.Count >= MostWaiting) throw new GofsException(GofsError.Busy, "too many flushes wait for the disk");
            waiting.Add(one);
        }

        worker.Wake();
        return one.Done.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) stopping = true;
        worker.Dispose();
    }

    private bool Step()
    {
        lock (gate)
        {
            if (waiting.Count == 0) return false;
            (waiting, serving) = (serving, waiting);
        }

        Serve();
        serving.Clear();
        return true;
    }

    private void Serve()
    {
        try
        {
            if (serving.Count > FewFiles)
            {
                disk.SyncFileSystem();
                FileSystemSyncs++;
            }
            else
            {
                foreach (var one in serving) Sync(one);
            }
        }
        catch (IOException broken)
        {
            failed(broken);
            foreach (var one in serving) one.Done.TrySetException(broken);
            return;
        }

        foreach (var one in serving) one.Done.TrySetResult();
    }

    private void Sync(Waiting one)
    {
        try
        {
            one.File.SyncData();
            if (one.NewIn is not null) disk.SyncFolder(one.NewIn);
        }
        catch (ObjectDisposedException)
        {
            // Who waited gave up, and the chunk was deleted: nobody is there to be told.
            one.Done.TrySetCanceled();
        }
    }

    private sealed record Waiting(IDiskFile File, string? NewIn, TaskCompletionSource Done);
}
