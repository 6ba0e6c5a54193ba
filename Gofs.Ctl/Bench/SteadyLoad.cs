namespace Gofs.Ctl.Bench;

/// <summary>
/// Clients that do a little all the time: so many reads of 64 KiB at random places, and so many times create + 4 KiB + close, in a second, each at its own
/// moment whether or not those before have ended. How long one took is counted from that moment.
/// </summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private const int PerSecond = 25;
    private const int ReadBytes = 64 << 10;
    private const int SmallBytes = 4096;
    private const int MostAtOnce = 256;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1.0 / PerSecond);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly List<TimeSpan> reads = [];
    private readonly List<TimeSpan> creates = [];
    private readonly GofsNamespace files;
    private readonly GofsPath folder;
    private readonly IReadOnlyList<(GofsPath Path, long Bytes)> stored;
    private readonly Task running;

    /// <summary>Begins.</summary>
    /// <param name="files">Where.</param>
    /// <param name="folder">Where small files are made.</param>
    /// <param name="stored">What is read.</param>
    public SteadyLoad(GofsNamespace files, GofsPath folder, IReadOnlyList<(GofsPath Path, long Bytes)> stored)
    {
        (this.files, this.folder, this.stored) = (files, folder, stored);
        running = Task.WhenAll(Task.Run(() => RunAsync(reads, ReadAsync)), Task.Run(() => RunAsync(creates, CreateAsync)));
    }

    /// <summary>How long operations took since this was last called.</summary>
    public (Latencies Reads, Latencies Creates) Take()
    {
        lock (gate)
        {
            var taken = (new Latencies(reads), new Latencies(creates));
            reads.Clear();
            creates.Clear();
            return taken;
        }
    }

    /// <summary>Ends it. Throws what an operation failed with.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync(List<TimeSpan> took, Func<int, Task> one)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        HashSet<Task> underWay = [];
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var due = i * Every;
            if (due - time.GetElapsedTime(start) is { Ticks: > 0 } wait) await Task.Delay(wait, CancellationToken.None);
            while (underWay.Count >= MostAtOnce) await EndAsync(await Task.WhenAny(underWay));
            foreach (var ended in underWay.Where(task => task.IsCompleted).ToArray()) await EndAsync(ended);
            underWay.Add(MeasureAsync(i, due));
        }

        await Task.WhenAll(underWay);

        async Task EndAsync(Task ended)
        {
            underWay.Remove(ended);
            await ended;
        }

        async Task MeasureAsync(int number, TimeSpan due)
        {
            await one(number);
            lock (gate) took.Add(time.GetElapsedTime(start) - due);
        }
    }

    private async Task ReadAsync(int number)
    {
        var random = new Random(number);
        var (path, bytes) = stored[random.Next(stored.Count)];
        await using var file = await files.OpenAsync(path, FileMode.Open, FileAccess.Read);
        await file.ReadAtAsync(random.NextInt64(Math.Max(1, bytes - ReadBytes)), new byte[ReadBytes]);
    }

    private async Task CreateAsync(int number)
    {
        var bytes = new byte[SmallBytes];
        new Random(number).NextBytes(bytes);
        await files.PutAsync(folder.Append($"small-{number}"), new MemoryStream(bytes));
    }
}
