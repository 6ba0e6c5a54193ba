using Gofs.Grains.EditLogs;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// Feeds one standby: one message on the way at a time, with all that has become durable since the last, at least 5 ms after it: a message for
/// each commit would cost both silos more than what is in it. Without news one a second, so that each knows the other is there. A message
/// that fails is not sent again: the next one shows the standby what it misses.
/// </summary>
internal sealed partial class StandbyFeed : IAsyncDisposable
{
    private const int MostBytes = 8 << 20;
    private const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly FeedBuffer buffer;
    private readonly CancellationTokenSource stop = new();
    private readonly IStandbyFeedGrain standby;
    private readonly Func<(int Number, long Epoch, long DurableNumber)> master;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Task pump;
    private TaskCompletionSource news = NoNews();
    private long sentOldestAt;
    private long number = -1;

    /// <summary>Begins.</summary>
    public StandbyFeed(
        string silo, IStandbyFeedGrain standby, Func<(int Number, long Epoch, long DurableNumber)> master, EditLogThreads threads, TimeProvider time,
        ILogger logger)
    {
        Silo = silo;
        this.standby = standby;
        this.master = master;
        this.time = time;
        this.logger = logger;
        buffer = new(MostBytes, time);
        AnsweredAt = time.GetTimestamp();
        pump = threads.RunAsync(PumpAsync, CancellationToken.None);
    }

    /// <summary>Where the standby is.</summary>
    public string Silo { get; }

    /// <summary>The last record it has; -1 while it has no state.</summary>
    public long Number => Volatile.Read(ref number);

    /// <summary>The last Snapshot it has made, and when.</summary>
    public (long Number, DateTimeOffset At)? Snapshot { get; private set; }

    /// <summary>When it answered last.</summary>
    public long AnsweredAt { get; private set; }

    /// <summary>For how long the oldest record it does not have has been durable.</summary>
    public TimeSpan Lag
    {
        get
        {
            var oldest = Volatile.Read(ref sentOldestAt);
            if (oldest == 0) oldest = buffer.OldestAt;
            return oldest == 0 ? TimeSpan.Zero : time.GetElapsedTime(oldest);
        }
    }

    /// <summary>Records are durable.</summary>
    public void Add(long firstNumber, RecordBatch records)
    {
        buffer.Add(firstNumber, records);
        Ring();
    }

    /// <summary>Tells the standby that this master has ended.</summary>
    public async Task ReleaseAsync(long epoch)
    {
        await DisposeAsync();
        await standby.ReleaseAsync(epoch).WaitAsync(Patience, time).ConfigureAwait(Quietly);
    }

    /// <summary>Tells the standby that it is not needed any more.</summary>
    public async Task EndAsync()
    {
        await DisposeAsync();
        await standby.EndAsync().WaitAsync(Patience, time).ConfigureAwait(Quietly);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested) return ValueTask.CompletedTask;
        stop.Cancel();
        Ring();
        return new(EndedAsync());
    }

    private async Task EndedAsync() => await pump.ConfigureAwait(Quietly);

    private async Task PumpAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            await SendAsync();
            await Task.Delay(Gathering, time, stop.Token).ConfigureAwait(Quietly);
            await NewsAsync();
        }
    }

    // What comes after the exchange is told of by the next; what came before it is in the buffer that is sent now.
    private async Task NewsAsync()
    {
        await using var idle = time.CreateTimer(static feed => ((StandbyFeed)feed!).Ring(), this, Idle, Timeout.InfiniteTimeSpan);
        await Volatile.Read(ref news).Task;
        Volatile.Write(ref news, NoNews());
    }

    private void Ring() => Volatile.Read(ref news).TrySetResult();

    private static TaskCompletionSource NoNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendAsync()
    {
        var (namespaceNumber, epoch, durable) = master();
        Volatile.Write(ref sentOldestAt, buffer.OldestAt);
        var batch = buffer.Take() is var (first, lengths, payloads)
            ? new StandbyBatch(namespaceNumber, epoch, first, lengths, payloads)
            : new StandbyBatch(namespaceNumber, epoch, durable + 1, [], default);
        try
        {
            var standing = await standby.FeedAsync(batch, stop.Token).WaitAsync(Patience, time, stop.Token);
            Volatile.Write(ref number, standing.Number);
            if (standing is { SnapshotNumber: > 0, SnapshotAt: { } at }) Snapshot = (standing.SnapshotNumber, at);
            AnsweredAt = time.GetTimestamp();
            if (standing.Number >= batch.LastNumber) Volatile.Write(ref sentOldestAt, 0);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The feed ends.
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            LogFailed(logger, Silo, failed);
            await Task.Delay(Idle / 5, time, stop.Token).ConfigureAwait(Quietly);
        }
    }

    [LoggerMessage(2521, LogLevel.Warning, "The standby on {Silo} was not fed; the next message shows it what it misses")]
    private static partial void LogFailed(ILogger logger, string silo, Exception failed);
}
