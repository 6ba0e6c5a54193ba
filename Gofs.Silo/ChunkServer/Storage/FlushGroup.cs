using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Serves the flushes of one disk that wait together: a few by a sync each, many by one sync of the file system. Why: one sync costs a disk
/// much the same whatever it carries, so the more wait, the cheaper each.
/// </summary>
internal sealed class FlushGroup : IDisposable
{
    private const int FewFiles = 2;
    private const int MostWaiting = 8192;
    private readonly object gate = new();
    private readonly SafeFileHandle folder;
    private readonly Action<IOException> failed;
    private readonly Thread thread;
    private List<Waiting> waiting = [];
    private List<Waiting> serving = [];
    private bool stopping;

    /// <summary>Starts the thread that flushes.</summary>
    /// <param name="folder">The disk's folder, open.</param>
    /// <param name="failed">Told when a sync fails: what it covered may be lost, so the disk can't be trusted.</param>
    public FlushGroup(SafeFileHandle folder, Action<IOException> failed)
    {
        this.folder = folder;
        this.failed = failed;
        thread = new Thread(Run) { Name = "gofs flush", IsBackground = true };
        thread.Start();
    }

    /// <summary>Syncs of the whole file system so far.</summary>
    public long FileSystemSyncs { get; private set; }

    /// <summary>Ends when all written to the file so far is on stable storage.</summary>
    /// <param name="file">The file; it must stay open.</param>
    /// <param name="newIn">The folder, when the file's name is new there.</param>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>: too many wait.</exception>
    public Task FlushAsync(SafeFileHandle file, string? newIn)
    {
        var one = new Waiting(file, newIn, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (gate)
        {
            if (stopping) throw new GofsException(GofsError.Unavailable, "the chunk store is closing");
            if (waiting.Count >= MostWaiting) throw new GofsException(GofsError.Busy, "too many flushes wait for the disk");
            waiting.Add(one);
            Monitor.Pulse(gate);
        }

        return one.Done.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.Pulse(gate);
        }

        thread.Join();
    }

    private void Run()
    {
        while (true)
        {
            lock (gate)
            {
                while (waiting.Count == 0 && !stopping) Monitor.Wait(gate);
                if (waiting.Count == 0) return;
                (waiting, serving) = (serving, waiting);
            }

            Serve();
            serving.Clear();
        }
    }

    private void Serve()
    {
        try
        {
            if (serving.Count > FewFiles)
            {
                LibC.SyncFileSystem(folder);
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

    private static void Sync(Waiting one)
    {
        LibC.SyncData(one.File);
        if (one.NewIn is not null) LibC.SyncFolder(one.NewIn);
    }

    private sealed record Waiting(SafeFileHandle File, string? NewIn, TaskCompletionSource Done);
}
