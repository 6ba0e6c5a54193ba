using Gofs.Silo.ChunkServer.Storage;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Bench;

/// <summary>The ceiling of a journal: appends of 4 KiB to one file that was written before, one write and one fdatasync for all that wait.</summary>
internal sealed class BareAppends : IDisposable
{
    private const int AppendBytes = 4096;
    private const int FileBytes = 64 << 20;
    private readonly object gate = new();
    private readonly SafeFileHandle file;
    private readonly string path;
    private readonly Thread thread;
    private List<TaskCompletionSource> waiting = [];
    private bool ending;

    public BareAppends(string path)
    {
        this.path = path;
        file = LibC.OpenFile(path, DiskOpen.New);
        var zeros = new byte[1 << 20];
        for (var at = 0; at < FileBytes; at += zeros.Length) _ = LibC.Write(file, zeros, at);
        LibC.SyncData(file);
        thread = new Thread(Run) { IsBackground = true };
        thread.Start();
    }

    public Task AppendAsync()
    {
        var one = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            waiting.Add(one);
            Monitor.Pulse(gate);
        }

        return one.Task;
    }

    public void Dispose()
    {
        lock (gate)
        {
            ending = true;
            Monitor.Pulse(gate);
        }

        thread.Join();
        file.Dispose();
        File.Delete(path);
    }

    private void Run()
    {
        var bytes = new byte[AppendBytes * 256];
        new Random(1).NextBytes(bytes);
        long at = 0;
        while (true)
        {
            List<TaskCompletionSource> serving;
            lock (gate)
            {
                while (waiting.Count == 0 && !ending) Monitor.Wait(gate);
                if (waiting.Count == 0) return;
                (serving, waiting) = (waiting, []);
            }

            var count = serving.Count * AppendBytes;
            if (at + count > FileBytes) at = 0;
            _ = LibC.Write(file, bytes.AsSpan(0, count), at);
            LibC.SyncData(file);
            at += count;
            foreach (var one in serving) one.TrySetResult();
        }
    }
}
