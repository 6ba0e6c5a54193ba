using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// The one writer of a silo: a thread that takes whatever all streams have gathered while the last commit was being synced, and commits it as
/// one transaction. Why: a sync costs the same for one record and for a thousand, so the busier the silo, the cheaper a record.
/// <para>
/// The protocol. A command applies its event and hands the record to its stream (<see cref="EditLogStream"/>), all in one synchronous
/// stretch of its grain; then it waits. The transaction checks and advances each stream's (epoch, number) before it inserts the
/// stream's records. A stream whose check fails has another owner: it alone is refused, the others commit. Work that is not urgent (parts of
/// Snapshots, trimming) is done between two commits, one short transaction at a time.
/// </para>
/// <para>
/// Who dies. A commit that throws, or takes longer than the time for it: nobody knows whether it took effect, so every stream in it faults,
/// its waiters are told <see cref="GofsError.Unavailable"/>, its grain deactivates, and the next activation reads the truth. Nothing is tried
/// again here. The silo: the database has all that was acknowledged. The database's disk: every stream faults until it is back.
/// The writer when the silo stops: it commits what waits; what comes later is told that nothing will be committed.
/// </para>
/// </summary>
internal sealed partial class EditLogWriter : IDisposable
{
    /// <summary>Streams that one transaction takes at most.</summary>
    internal const int MaxStreams = 4096;

    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private readonly object gate = new();
    private readonly IEditLogCommitter committer;
    private readonly EditLogOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly EditLogMetrics? metrics;
    private readonly Thread? thread;
    private readonly Action? steps; // in place of the thread
    private readonly ITimer watch;
    private readonly Queue<Action<IEditLogCommitter>> work = new();
    private readonly List<StreamCommit> commits = [];
    private readonly List<ICommitSource> queue = [];
    private readonly List<ICommitSource> taken = []; // the thread's; others read it, under the gate, while the store is busy
    private long gatheredBytes;
    private long? busySince;
    private long commitCount;
    private bool stopping;
    private bool ended;

    /// <summary>Starts the thread.</summary>
    public EditLogWriter(
        IEditLogStore store, EditLogOptions options, TimeProvider time, ILogger<EditLogWriter> logger, EditLogMetrics? metrics = null,
        EditLogThreads? threads = null)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        this.metrics = metrics;
        metrics?.ShowPending(() => Volatile.Read(ref gatheredBytes));
        IsShared = store.IsShared;
        committer = store.OpenCommitter();
        steps = threads?.StepsFor(this);
        if (steps is null)
        {
            thread = new Thread(Run) { Name = "gofs editlog", IsBackground = true };
            thread.Start();
        }

        watch = time.CreateTimer(_ => Watch(), null, WatchEvery, WatchEvery);
    }

    /// <summary>Whether other processes use the store too.</summary>
    public bool IsShared { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Transactions committed so far.</summary>
    public long CommitCount => Volatile.Read(ref commitCount);

    /// <summary>Whether more waits than may.</summary>
    public bool IsFull => Volatile.Read(ref gatheredBytes) > options.MaxPendingBytes;

    /// <summary>For how long the store has been at one transaction.</summary>
    public TimeSpan BusyFor
    {
        get
        {
            lock (gate) return busySince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
        }
    }

    /// <summary>Somebody has something to take.</summary>
    public void Enqueue(ICommitSource source)
    {
        lock (gate)
        {
            if (!ended)
            {
                queue.Add(source);
                Wake();
                return;
            }
        }

        // Not on this thread, which may hold the source's lock.
        ThreadPool.UnsafeQueueUserWorkItem(late => late.Fault(Stopping()), source, preferLocal: false);
    }

    /// <summary>Counts payload bytes that wait.</summary>
    public void Gathered(int bytes) => Interlocked.Add(ref gatheredBytes, bytes);

    /// <summary>Does something with the store between two commits. It must be short.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: it failed or took too long; whether it took effect is unknown.</exception>
    public async Task<T> DoAsync<T>(Func<IEditLogCommitter, T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var late = time.CreateTimer(
            _ => done.TrySetException(new GofsException(GofsError.Unavailable, $"the EditLog's store has not answered for {Patience} s")), null,
            options.CommitTimeout, Timeout.InfiniteTimeSpan);
        lock (gate)
        {
            if (stopping) throw Stopping();
            work.Enqueue(store =>
            {
                if (done.Task.IsCompleted) return; // whoever asked has given up
                try
                {
                    done.TrySetResult(what(store));
                }
                catch (Exception failed)
                {
                    done.TrySetException(failed);
                }
            });
            Wake();
        }

        return await done.Task;
    }

    /// <summary>Commits what waits, then ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (stopping) return;
            stopping = true;
            Wake();
        }

        if (thread?.Join(options.CommitTimeout) == false) GiveUp(Stopping());
        watch.Dispose();
    }

    /// <summary>One commit, where the writer has no thread; false when nothing waits.</summary>
    internal bool TryStep()
    {
        Action<IEditLogCommitter>? something;
        lock (gate)
        {
            if (queue.Count == 0 && work.Count == 0) return false;
            work.TryDequeue(out something);
        }

        CommitOnce(something);
        return true;
    }

    private void Wake()
    {
        if (steps is null) Monitor.Pulse(gate);
        else steps();
    }

    private void Run()
    {
        try
        {
            while (Wait(out var something)) CommitOnce(something);
        }
        catch (Exception failed)
        {
            // Not even a fault could be handled: nothing of this silo may be served as durable any more.
            LogDied(logger, failed);
            Environment.FailFast("the EditLog writer has died", failed);
        }
        finally
        {
            committer.Dispose();
        }
    }

    // False when it is time to end: stopping and nothing waits.
    private bool Wait(out Action<IEditLogCommitter>? something)
    {
        lock (gate)
        {
            while (queue.Count == 0 && work.Count == 0 && !stopping)
            {
                if (!Monitor.Wait(gate, WatchEvery)) IdleOnce();
            }

            work.TryDequeue(out something);
            ended = something is null && queue.Count == 0 && stopping;
            return !ended;
        }
    }

    private void IdleOnce()
    {
        busySince = time.GetTimestamp();
        Monitor.Exit(gate);
        try
        {
            committer.Idle();
        }
        catch (GofsException failed)
        {
            LogIdleFailed(logger, failed);
        }
        finally
        {
            Monitor.Enter(gate);
            busySince = null;
        }
    }

    private void CommitOnce(Action<IEditLogCommitter>? something)
    {
        TakeSome();
        if (commits.Count > 0) Commit();
        taken.Clear();
        if (something is null) return;
        SetBusy(true);
        something(committer);
        SetBusy(false);
    }

    // First come, first committed, up to the bounds of a transaction. A source's lock is never taken under the gate: it takes them the other way.
    private void TakeSome()
    {
        commits.Clear();
        lock (gate)
        {
            var most = Math.Min(queue.Count, MaxStreams);
            taken.AddRange(CollectionsMarshal.AsSpan(queue)[..most]);
            queue.RemoveRange(0, most);
        }

        var (kept, next, bytes) = (0, 0, 0L);
        while (next < taken.Count && bytes < options.MaxCommitBytes)
        {
            var source = taken[next++];
            if (source.Take() is not { } commit) continue;
            commits.Add(commit);
            taken[kept++] = source;
            bytes += commit.Records?.Bytes ?? 0;
        }

        if (next < taken.Count)
        {
            lock (gate) queue.InsertRange(0, CollectionsMarshal.AsSpan(taken)[next..]);
        }

        taken.RemoveRange(kept, taken.Count - kept);
    }

    private void Commit()
    {
        var began = time.GetTimestamp();
        try
        {
            SetBusy(true);
            committer.Commit(commits);
        }
        catch (GofsException failed)
        {
            metrics?.OnFailed(time.GetElapsedTime(began));
            LogCommitFailed(logger, commits.Count, failed);
            var why = new GofsException(GofsError.Unavailable, $"the outcome of a commit is unknown: {failed.Message}", "", failed);
            foreach (var stream in taken)
            {
                stream.Dropped();
                stream.Fault(why);
            }

            return;
        }
        finally
        {
            SetBusy(false);
        }

        Interlocked.Increment(ref commitCount);
        if (metrics is not null) Measure(metrics, time.GetElapsedTime(began));
        foreach (var stream in taken) stream.Committed();
    }

    // Before the streams hear of it: then their records are gone.
    private void Measure(EditLogMetrics measured, TimeSpan elapsed)
    {
        var (records, bytes, refused) = (0L, 0L, 0);
        foreach (var commit in commits)
        {
            if (commit.Refused is not null) refused++;
            else if (commit.Records is { } some) (records, bytes) = (records + some.Count, bytes + some.Bytes);
        }

        measured.OnCommitted(records, bytes, refused, elapsed);
    }

    private void SetBusy(bool busy)
    {
        lock (gate) busySince = busy ? time.GetTimestamp() : null;
    }

    // A store that hangs must not hang the callers: they are told that the outcome is unknown, and the streams are given up.
    private void Watch()
    {
        lock (gate)
        {
            if (busySince is not { } since || time.GetElapsedTime(since) < options.CommitTimeout) return;
        }

        GiveUp(new(GofsError.Unavailable, $"the EditLog's store has not answered for {Patience} s"));
    }

    private void GiveUp(GofsException why)
    {
        ICommitSource[] waiting;
        lock (gate)
        {
            if (busySince is null) return;
            waiting = [.. taken, .. queue];
        }

        LogHangs(logger, waiting.Length, options.CommitTimeout);
        foreach (var stream in waiting) stream.Fault(why);
    }

    private string Patience => options.CommitTimeout.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);

    private static GofsException Stopping() => new(GofsError.Unavailable, "the silo is stopping");

    [LoggerMessage(2001, LogLevel.Error, "A commit of {Count} streams failed; they are given up and read anew")]
    private static partial void LogCommitFailed(ILogger logger, int count, Exception failed);

    [LoggerMessage(2002, LogLevel.Error, "The EditLog's store hangs: {Count} streams are given up after {Time}")]
    private static partial void LogHangs(ILogger logger, int count, TimeSpan time);

    [LoggerMessage(2003, LogLevel.Warning, "Copying the write-ahead log failed; the next pause tries again")]
    private static partial void LogIdleFailed(ILogger logger, Exception failed);

    [LoggerMessage(2004, LogLevel.Critical, "The EditLog writer has died")]
    private static partial void LogDied(ILogger logger, Exception failed);
}
