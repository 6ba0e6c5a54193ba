using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// One owner's side of one stream: gathers records until the writer takes them, and lets whoever waits go when they are durable. The grain's
/// turn and the writer's thread meet here, under a lock that is never held over I/O.
/// <para>
/// Where other processes use the store too, an owner that was cut off or paused may have lost its epoch without knowing. So what it answers
/// counts only for <see cref="FenceAge"/> from the beginning of its last successful commit; after that <see cref="DurableAsync"/> first commits
/// a check of the epoch. A new owner waits as long before it serves, so no two answer at the same time.
/// </para>
/// </summary>
internal sealed class EditLogStream : ICommitSource
{
    /// <summary>How long an owner's reads count after the beginning of its last successful commit.</summary>
    public static readonly TimeSpan FenceAge = TimeSpan.FromMilliseconds(400);

    private readonly Lock gate = new();
    private readonly EditLogWriter writer;
    private readonly Action<GofsException> faulted;
    private readonly StreamCommit commit;
    private RecordBatch? pending;
    private TaskCompletionSource? pendingDone;
    private TaskCompletionSource? flightDone;
    private StreamClaim claim;
    private GofsException? fault;
    private bool queued;
    private bool delete;
    private long takenAt;
    private long confirmedAt;
    private long epoch;
    private long raised;
    private long durable;

    /// <summary>Takes up a stream.</summary>
    /// <param name="writer">This silo's writer.</param>
    /// <param name="id">The stream.</param>
    /// <param name="epoch">The epoch held; 0 for a stream that has no row: the first commit makes it.</param>
    /// <param name="number">Number of the last record.</param>
    /// <param name="faulted">Told once, on any thread, when the stream can't go on.</param>
    /// <param name="ownedAt">When the commit began that took the epoch, which may be long ago: loading takes time. Null: now.</param>
    public EditLogStream(EditLogWriter writer, StreamId id, long epoch, long number, Action<GofsException> faulted, long? ownedAt = null)
    {
        this.writer = writer;
        this.faulted = faulted;
        commit = new(id);
        (this.epoch, raised, durable) = (epoch, number, number);
        confirmedAt = takenAt = ownedAt ?? writer.Time.GetTimestamp();
        if (epoch > 0) return;
        lock (gate)
        {
            claim = StreamClaim.Create;
            Queue();
        }
    }

    /// <summary>Gets every record that has become durable, in order; set once, before records are added.</summary>
    public ICommitFeed? Feed { get; set; }

    /// <summary>The stream.</summary>
    public StreamId Id => commit.Stream;

    /// <summary>The epoch held; 0 until a new stream's row is durable.</summary>
    public long Epoch => Volatile.Read(ref epoch);

    /// <summary>Number of the last record raised.</summary>
    public long RaisedNumber => Volatile.Read(ref raised);

    /// <summary>Number of the last durable record.</summary>
    public long DurableNumber => Volatile.Read(ref durable);

    /// <summary>Refuses when nothing can be added.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: the stream is at fault. <see cref="GofsError.Busy"/>: too much waits.</exception>
    public void RequireRoom()
    {
        lock (gate)
        {
            ThrowIfFaulted();
            if (writer.IsFull) throw new GofsException(GofsError.Busy, "too many records wait for the disk", Id.ToString());
        }
    }

    /// <summary>Adds a record to what the writer takes next.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: the stream is at fault. <see cref="GofsError.Busy"/>: too much waits.</exception>
    public void Add<TEvent>(Serializer<TEvent> serializer, TEvent happened)
    {
        lock (gate)
        {
            ThrowIfFaulted();
            pending ??= RecordBatch.Rent();
            var before = pending.Bytes;
            pending.Add(serializer, happened, Id, raised + 1);
            raised++;
            writer.Gathered(pending.Bytes - before);
            Queue();
        }
    }

    /// <summary>Removes the stream after what was raised.</summary>
    public void Delete()
    {
        lock (gate)
        {
            ThrowIfFaulted();
            delete = true;
            Queue();
        }
    }

    /// <summary>
    /// Ends when everything raised so far is durable and the stream was this owner's less than <see cref="FenceAge"/> ago; faults when that
    /// can't be known.
    /// </summary>
    public Task DurableAsync()
    {
        lock (gate)
        {
            if (fault is not null) return Task.FromException(Lost());
            if (pendingDone is not null) return pendingDone.Task;
            // A commit under way has perhaps checked the epoch long ago, and the process stood still since.
            var checkedAt = flightDone is null ? confirmedAt : takenAt;
            if (!writer.IsShared || writer.Time.GetElapsedTime(checkedAt) < FenceAge) return flightDone?.Task ?? Task.CompletedTask;
        }

        return OwnedAsync();
    }

    /// <summary>
    /// Ends when a commit that began after this call has found the stream to be this owner's. Nothing to do where nobody else uses the store.
    /// </summary>
    public Task OwnedAsync()
    {
        lock (gate)
        {
            if (fault is not null) return Task.FromException(Lost());
            if (writer.IsShared) Queue();
            return pendingDone?.Task ?? flightDone?.Task ?? Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public StreamCommit? Take()
    {
        lock (gate)
        {
            queued = false;
            if (fault is not null) return null;
            takenAt = writer.Time.GetTimestamp();
            (commit.Claim, commit.Epoch, commit.PreviousNumber) = (claim, epoch, raised - (pending?.Count ?? 0));
            (commit.Records, commit.Delete) = (pending, delete);
            (pending, claim, delete) = (null, StreamClaim.None, false);
            (flightDone, pendingDone) = (pendingDone, null);
            return commit;
        }
    }

    /// <inheritdoc/>
    public void Committed()
    {
        TaskCompletionSource? done;
        lock (gate)
        {
            if (commit.Refused is null)
            {
                if (commit.Records is { } records) Feed?.Committed(commit.PreviousNumber + 1, records);
                confirmedAt = takenAt;
                durable = commit.LastNumber;
                if (commit.Claim == StreamClaim.Create) epoch = commit.Head.Epoch;
            }

            ReturnRecords();
            (done, flightDone) = (flightDone, null);
        }

        if (commit.Refused is { } why)
        {
            done?.TrySetException(new GofsException(GofsError.Unavailable, $"the EditLog refused this owner: {why}", Id.ToString()));
            Fault(new(GofsError.Unavailable, $"the EditLog refused this owner: {why}", Id.ToString()));
        }
        else
        {
            done?.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public void Fault(GofsException why)
    {
        TaskCompletionSource? first, second;
        lock (gate)
        {
            if (fault is not null) return;
            fault = why;
            (first, second) = (flightDone, pendingDone);
            (flightDone, pendingDone) = (null, null);
            if (pending is not null)
            {
                writer.Gathered(-pending.Bytes);
                pending.Return();
                pending = null;
            }
        }

        first?.TrySetException(Lost());
        second?.TrySetException(Lost());
        faulted(why);
    }

    /// <inheritdoc/>
    public void Dropped()
    {
        lock (gate) ReturnRecords();
    }

    private void Queue()
    {
        pendingDone ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (queued) return;
        queued = true;
        writer.Enqueue(this);
    }

    private void ReturnRecords()
    {
        if (commit.Records is not { } records) return;
        commit.Records = null;
        writer.Gathered(-records.Bytes);
        records.Return();
    }

    private void ThrowIfFaulted()
    {
        if (fault is not null) throw Lost();
    }

    private GofsException Lost() => new(fault!.Error, fault.Detail, fault.Path, fault);
}
