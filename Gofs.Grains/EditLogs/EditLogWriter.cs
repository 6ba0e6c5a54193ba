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
/// </para>
/// </summary>
internal sealed partial class EditLogWriter : IDisposable
{
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);
    private readonly object gate = new();
    private readonly IEditLogCommitter committer;
    private readonly EditLogOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Thread thread;
    private readonly ITimer watch;
    private readonly Queue<Action<IEditLogCommitter>> work = new();
    private readonly List<StreamCommit> commits = [];
    private readonly List<ICommitSource> taken = [];
    private List<ICommitSource> queue = [];
    private long gatheredBytes;
    private long commitStartedAt;
    private long commitCount;
    private bool stopping;

    /// <summary>Starts the thread.</summary>
    public EditLogWriter(IEditLogStore store, EditLogOptions options, TimeProvider time, ILogger<EditLogWriter> logger)
    {
        this.options = options;
        this.time = time;
        this.logger = logger;
        IsShared = store.IsShared;
        committer = store.OpenCommitter();
        thread = new Thread(Run) { Name = "gofs editlog", IsBackground = true };
        thread.Start();
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

    /// <summary>Somebody has something to take.</summary>
    public void Enqueue(ICommitSource source)
    {
        lock (gate)
        {
            queue.Add(source);
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Counts payload bytes that wait.</summary>
    public void Gathered(int bytes) => Interlocked.Add(ref gatheredBytes, bytes);

    /// <summary>Does something with the store between two commits. It must be short.</summary>
    public Task<T> DoAsync<T>(Func<IEditLogCommitter, T> what)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (stopping) return Task.FromException<T>(new GofsException(GofsError.Unavailable, "the silo is stopping"));
            work.Enqueue(store =>
            {
                try
                {
                    done.SetResult(what(store));
                }
                catch (Exception failed)
                {
                    done.SetException(failed);
                }
            });
            Monitor.Pulse(gate);
        }

        return done.Task;
    }

    /// <summary>Commits what waits, then ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (stopping) return;
            stopping = true;
            Monitor.Pulse(gate);
        }

        watch.Dispose();
        thread.Join(options.CommitTimeout);
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
            taken.Clear();
            if (queue.Count == 0) return something is not null || !stopping;
            TakeSome();
            return true;
        }
    }

    private void TakeSome()
    {
        const int mostStreams = 4096;
        if (queue.Count <= mostStreams)
        {
            taken.AddRange(queue);
            queue.Clear();
            return;
        }

        taken.AddRange(queue.Take(mostStreams));
        queue = queue[mostStreams..];
    }

    private void IdleOnce()
    {
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
        }
    }

    private void CommitOnce(Action<IEditLogCommitter>? something)
    {
        commits.Clear();
        for (var i = taken.Count - 1; i >= 0; i--)
        {
            if (taken[i].Take() is { } commit) commits.Add(commit);
            else taken.RemoveAt(i);
        }

        if (commits.Count > 0) Commit();
        something?.Invoke(committer);
    }

    private void Commit()
    {
        try
        {
            Volatile.Write(ref commitStartedAt, time.GetTimestamp());
            committer.Commit(commits);
        }
        catch (GofsException failed)
        {
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
            Volatile.Write(ref commitStartedAt, 0);
        }

        Interlocked.Increment(ref commitCount);
        foreach (var stream in taken) stream.Committed();
    }

    // A disk that hangs must not hang the callers: they are told that the outcome is unknown, and the streams are given up.
    private void Watch()
    {
        var started = Volatile.Read(ref commitStartedAt);
        if (started == 0 || time.GetElapsedTime(started) < options.CommitTimeout) return;
        var why = new GofsException(GofsError.Unavailable, $"the disk of the EditLog has not answered for {options.CommitTimeout.TotalSeconds:0} s");
        ICommitSource[] waiting;
        lock (gate) waiting = [.. taken, .. queue];
        LogHangs(logger, waiting.Length, options.CommitTimeout);
        foreach (var stream in waiting) stream.Fault(why);
    }

    [LoggerMessage(2001, LogLevel.Error, "A commit of {Count} streams failed; they are given up and read anew")]
    private static partial void LogCommitFailed(ILogger logger, int count, Exception failed);

    [LoggerMessage(2002, LogLevel.Error, "The EditLog's disk hangs: {Count} streams are given up after {Time}")]
    private static partial void LogHangs(ILogger logger, int count, TimeSpan time);

    [LoggerMessage(2003, LogLevel.Warning, "Copying the write-ahead log failed; the next pause tries again")]
    private static partial void LogIdleFailed(ILogger logger, Exception failed);

    [LoggerMessage(2004, LogLevel.Critical, "The EditLog writer has died")]
    private static partial void LogDied(ILogger logger, Exception failed);
}
