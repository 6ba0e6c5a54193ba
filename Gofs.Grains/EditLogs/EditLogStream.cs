using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// One owner's side of one stream: gathers records until the writer takes them, and lets whoever waits go when they are durable. The grain's
/// turn and the writer's thread meet here, under a lock that is never held over I/O.
/// </summary>
internal sealed class EditLogStream : ICommitSource
{
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
    private long epoch;
    private long raised;
    private long durable;

    /// <summary>Takes up a stream.</summary>
    /// <param name="writer">This silo's writer.</param>
    /// <param name="id">The stream.</param>
    /// <param name="epoch">The epoch held; 0 for a stream that has no row: the first commit makes it.</param>
    /// <param name="number">Number of the last record.</param>
    /// <param name="faulted">Told once, on any thread, when the stream can't go on.</param>
    public EditLogStream(EditLogWriter writer, StreamId id, long epoch, long number, Action<GofsException> faulted)
    {
        this.writer = writer;
        this.faulted = faulted;
        commit = new(id);
        (this.epoch, raised, durable) = (epoch, number, number);
        if (epoch > 0) return;
        lock (gate)
        {
            claim = StreamClaim.Create;
            Queue();
        }
    }

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

    /// <summary>Ends when everything raised so far is durable; faults when that can't be known.</summary>
    public Task DurableAsync()
    {
        lock (gate)
        {
            if (fault is not null) return Task.FromException(Lost());
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
            ReturnRecords();
            if (commit.Refused is null)
            {
                durable = commit.LastNumber;
                if (commit.Claim == StreamClaim.Create) epoch = commit.Head.Epoch;
            }

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
        commit.PreviousNumber += records.Count;
        writer.Gathered(-records.Bytes);
        records.Return();
    }

    private void ThrowIfFaulted()
    {
        if (fault is not null) throw Lost();
    }

    private GofsException Lost() => new(fault!.Error, fault.Detail, fault.Path, fault);
}
