using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// One server's scrub: bytes nobody reads rot unseen, until the day their replica is the only one. So all of them are read, one replica after the
/// other in the order of their handles, at a rate that clients don't notice, and what is found is remembered in the store; the chunk server grain
/// puts it right.
/// <para>
/// Who dies. This silo: how far the pass was is kept on its disks, and it goes on from there; what was found and not repaired yet is found by whoever reads
/// it, or by the next pass. A disk: its replicas are reported gone, the pass goes on with the others. Thread-safe.
/// </para>
/// </summary>
public sealed partial class Scrubber
{
    /// <summary>With so many damages to repair it waits a second for each replica, so that none has to be forgotten.</summary>
    public const int ManyDamages = 2048;

    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);
    private static readonly TimeSpan DamagePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromMinutes(1);
    private readonly IScrubbedReplicas replicas;
    private readonly IOptionsMonitor<ChunkServerOptions> monitor;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly ScrubPace pace = new();
    private readonly long start;
    private ScrubPass? pass;
    private ScrubTotals totals;
    private TaskCompletionSource asked = NewSignal();
    private long leftReplicas;
    private long leftBytes;
    private long keptAt;

    /// <summary>Scrub over a store's replicas; nothing happens before <see cref="RunAsync"/>.</summary>
    public Scrubber(IScrubbedReplicas replicas, IOptionsMonitor<ChunkServerOptions> options, TimeProvider time, ILogger<Scrubber> logger)
    {
        ArgumentNullException.ThrowIfNull(replicas);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        (this.replicas, monitor, this.time, this.logger) = (replicas, options, time, logger);
        start = time.GetTimestamp();
        pass = replicas.LoadPass();
        _ = options.OnChange((_, _) => Wake());
    }

    /// <summary>What it has done since the process started.</summary>
    public ScrubTotals Totals
    {
        get
        {
            lock (gate) return totals;
        }
    }

    /// <summary>Runs passes when they are due or asked for, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true) await StepAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            if (Current() is { EndedAt: null } left) replicas.KeepPass(left);
        }
    }

    // Whatever fails, the silo serves on: nobody reads better for it ending.
    private async Task StepAsync(CancellationToken stopping)
    {
        try
        {
            if (Due() is { } due) await RunPassAsync(due, stopping);
            else await SleepAsync(stopping);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            LogFailed(logger, failed);
            await Task.Delay(FailurePause, time, stopping);
        }
    }

    /// <summary>Begins a pass at once, as fast as it may go, instead of the one under way; answers its number.</summary>
    public long Start()
    {
        lock (gate)
        {
            pass = ScrubPass.After(pass, time.GetUtcNow(), isHurried: true);
            Wake();
            return pass.Number;
        }
    }

    /// <summary>A damage that was known is put right.</summary>
    public void CountRepaired()
    {
        lock (gate)
        {
            totals = totals with { Repaired = totals.Repaired + 1 };
            if (pass is not null) pass = pass with { Repaired = pass.Repaired + 1 };
        }
    }

    /// <summary>How far it is.</summary>
    public ScrubStatus Status()
    {
        lock (gate)
        {
            var (now, options, schedule) = (time.GetUtcNow(), monitor.CurrentValue, Schedule());
            var isRunning = pass is { EndedAt: null };
            return new()
            {
                Days = options.ScrubDays,
                MostMegabytesPerSecond = options.ScrubMegabytesPerSecond,
                Pass = pass?.Number ?? 0,
                IsRunning = isRunning,
                StartedAt = pass?.StartedAt,
                ExpectedEndAt = isRunning ? now.AddSeconds((double)leftBytes / schedule.BytesPerSecond(pass!, leftBytes, now)) : null,
                LastEndedAt = pass?.EndedAt ?? pass?.EarlierEndedAt,
                NextAt = isRunning ? null : schedule.NextAt(pass, now),
                Position = pass is null or { Position: 0 } ? "" : new ChunkHandle(pass.Position).ToString(),
                Replicas = pass?.Replicas ?? 0,
                Bytes = pass?.Bytes ?? 0,
                LeftReplicas = isRunning ? leftReplicas : 0,
                LeftBytes = isRunning ? leftBytes : 0,
                Found = pass?.Found ?? 0,
                Repaired = pass?.Repaired ?? 0,
                IsOverdue = schedule.IsOverdue(pass, now),
            };
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Asked for each time: what holds may be set to something else while a pass is under way.
    private ScrubSchedule Schedule() => new(TimeSpan.FromDays(monitor.CurrentValue.ScrubDays), (long)monitor.CurrentValue.ScrubMegabytesPerSecond << 20);

    private void Wake()
    {
        lock (gate)
        {
            asked.TrySetResult();
            asked = NewSignal();
        }
    }

    private ScrubPass? Current()
    {
        lock (gate) return pass;
    }

    private ScrubPass? Due()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (pass is { EndedAt: null }) return pass;
            return Schedule().NextAt(pass, now) is { } next && next <= now ? pass = ScrubPass.After(pass, now, isHurried: false) : null;
        }
    }

    private async Task SleepAsync(CancellationToken stopping)
    {
        Task signal;
        TimeSpan sleep;
        lock (gate)
        {
            if (pass is { EndedAt: null }) return;
            var now = time.GetUtcNow();
            signal = asked.Task;
            sleep = Schedule().NextAt(pass, now) is { } next && next - now < LongestSleep ? next - now : LongestSleep;
        }

        // A clock that is set back or on is noticed an hour late at most.
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(signal, Task.Delay(sleep > TimeSpan.Zero ? sleep : TimeSpan.Zero, time, cancel.Token));
        await cancel.CancelAsync();
        stopping.ThrowIfCancellationRequested();
    }

    private async Task RunPassAsync(ScrubPass mine, CancellationToken stopping)
    {
        var all = replicas.ListReplicas().Where(one => one.Handle.Value > mine.Position || mine.Replicas == 0).OrderBy(one => one.Handle.Value).ToArray();
        SetLeft(all.Length, all.Sum(one => Cost(one.LengthBytes)));
        replicas.KeepPass(mine);
        LogBegun(logger, mine.Number, all.Length, mine.Replicas);
        foreach (var replica in all)
        {
            if (await ScrubAsync(replica.Handle, mine.Number, stopping) is not { } read) return;
            lock (gate)
            {
                totals = totals.With(read);
                if (pass?.Number != mine.Number) return;
                pass = pass.With(replica.Handle, read);
                (leftReplicas, leftBytes) = (leftReplicas - 1, leftBytes - Cost(replica.LengthBytes));
            }

            KeepNowAndThen();
        }

        ScrubPass ended;
        lock (gate)
        {
            if (pass?.Number != mine.Number) return;
            ended = pass = pass with { EndedAt = time.GetUtcNow() };
        }

        replicas.KeepPass(ended);
        LogEnded(logger, ended.Number, ended.Replicas, ended.Bytes, ended.Found);
    }

    /// <summary>Null: the pass was asked to begin anew.</summary>
    private async Task<ReplicaScrub?> ScrubAsync(ChunkHandle handle, long number, CancellationToken stopping)
    {
        try
        {
            if (replicas.KnownDamages >= ManyDamages) await Task.Delay(DamagePause, time, stopping);
            return await replicas.ScrubAsync(handle, (bytes, token) => PaceAsync(bytes, number, token), stopping);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception untold) when (untold is not OperationCanceledException)
        {
            // A disk that failed, a chunk that was busy for too long, or a fault in the program: the next pass reads it, and this one the others.
            LogNotRead(logger, handle, untold);
            return default(ReplicaScrub);
        }
    }

    private Task PaceAsync(int bytes, long number, CancellationToken stopping)
    {
        TimeSpan wait;
        lock (gate)
        {
            if (pass?.Number != number) throw new OperationCanceledException("another pass was asked for");
            var rate = Schedule().BytesPerSecond(pass, leftBytes, time.GetUtcNow());
            wait = pace.Take(Cost(bytes), rate, time.GetElapsedTime(start));
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, stopping) : Task.CompletedTask;
    }

    private static long Cost(long bytes) => Math.Max(bytes, ScrubSchedule.LeastBytes);

    private void SetLeft(long howMany, long bytes)
    {
        lock (gate) (leftReplicas, leftBytes) = (howMany, bytes);
    }

    private void KeepNowAndThen()
    {
        if (keptAt != 0 && time.GetElapsedTime(keptAt) < KeepEvery) return;
        keptAt = time.GetTimestamp();
        if (Current() is { } now) replicas.KeepPass(now);
    }

    [LoggerMessage(2221, LogLevel.Information, "Scrub pass {Pass} reads {Replicas} replicas; it had read {Earlier} before a restart")]
    private static partial void LogBegun(ILogger logger, long pass, int replicas, long earlier);

    [LoggerMessage(2222, LogLevel.Information, "Scrub pass {Pass} has ended: {Replicas} replicas of {Bytes} bytes read, {Found} damages found")]
    private static partial void LogEnded(ILogger logger, long pass, long replicas, long bytes, long found);

    [LoggerMessage(2226, LogLevel.Error, "Scrub could not go on; it tries again in a minute")]
    private static partial void LogFailed(ILogger logger, Exception failed);

    [LoggerMessage(2223, LogLevel.Warning, "Scrub could not read chunk {Handle}; the next pass does")]
    private static partial void LogNotRead(ILogger logger, ChunkHandle handle, Exception untold);
}
