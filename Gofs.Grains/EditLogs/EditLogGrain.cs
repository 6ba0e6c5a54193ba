using Gofs.Cluster;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// A grain whose state is its EditLog stream's. It owns the stream from activation on, by an epoch nobody held before: a former
/// activation, wherever it still runs, can't commit any more.
/// <para>
/// A command is one synchronous stretch: decide on <see cref="State"/>, <see cref="Raise"/>; then it awaits <see cref="DurableAsync"/> and
/// replies. A read looks at <see cref="State"/> and awaits <see cref="DurableAsync"/> before it replies, so nobody ever sees what could
/// still be lost. When the stream faults, waiters are told, and the grain deactivates: the next activation reads the truth.
/// </para>
/// </summary>
/// <typeparam name="TState">The state.</typeparam>
/// <typeparam name="TEvent">Its events.</typeparam>
public abstract partial class EditLogGrain<TState, TEvent>(EditLogServices services) : Grain
    where TState : class, IEditLogState<TEvent>, new()
    where TEvent : class
{
    private readonly Serializer<TEvent> serializer = services.SerializerOf<TEvent>();
    private TState? state;
    private EditLogStream? stream;
    private volatile bool ended;
    private Task<bool>? snapshotting;
    private long snapshotNumber;
    private DateTimeOffset? snapshotAt;
    private TimeSpan loadTime;
    private long? succeededAt;

    /// <summary>The state: everything raised so far, durable or not.</summary>
    protected TState State => state ?? throw new GofsException(GofsError.Unavailable, "the grain is not loaded");

    /// <summary>
    /// Whether a stream that does not exist yet is claimed before the activation ends. False saves a new file's activation the wait: the
    /// claim is then part of the first commit, and nothing is answered as durable before it.
    /// </summary>
    protected virtual bool TakesEpochEagerly => true;

    /// <summary>
    /// Whether a new owner waits for <see cref="OutwaitFormerOwnerAsync"/> before it answers anything. Where starts are many, what is answered readers is
    /// checked each time instead (<see cref="OwnedAsync"/>); where few things contradict a former owner, only those wait.
    /// </summary>
    protected virtual bool WaitsOutFormerOwner => false;

    /// <summary>A Snapshot is made in the background after this many records.</summary>
    protected virtual int SnapshotEvery => 100_000;

    /// <summary>Whether other silos use the store too.</summary>
    protected bool IsStoreShared => services.Store.IsShared;

    /// <summary>What runs work that blocks.</summary>
    private protected EditLogThreads Threads => services.Threads;

    /// <summary>Where the stream stands.</summary>
    protected StreamStatus Stream => new(Owned.Id, Owned.Epoch, Owned.RaisedNumber, Owned.DurableNumber, snapshotNumber, snapshotAt, loadTime);

    private EditLogStream Owned => stream ?? throw new GofsException(GofsError.Unavailable, "the grain is not loaded");

    /// <inheritdoc/>
    public sealed override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var started = services.Time.GetTimestamp();
        var id = await FindStreamAsync(cancellationToken);
        await services.Threads.RunAsync(() => TakeUpAsync(id, cancellationToken), cancellationToken);
        loadTime = services.Time.GetElapsedTime(started);
        await OnLoadedAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        ended = true;
        if (stream is null) return;
        // A fault has been told to whoever waited; here it only says that nothing is left to wait for.
        await stream.DurableAsync().WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <summary>The stream of this grain. Called first when it activates; may call other grains.</summary>
    protected abstract ValueTask<StreamId> FindStreamAsync(CancellationToken cancellation);

    /// <summary>The state is there.</summary>
    protected virtual Task OnLoadedAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Something happens: the state changes now, the record is on its way.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/> or <see cref="GofsError.Busy"/>: nothing happened.</exception>
    protected void Raise(TEvent happened)
    {
        Owned.RequireRoom();
        try
        {
            State.Apply(happened);
            Owned.Add(serializer, happened);
        }
        catch (Exception wrong)
        {
            // The state may be half changed and nothing of it is on its way: only replay can tell what is true.
            Owned.Fault(new(GofsError.Internal, $"a {happened.GetType().Name} could not be applied: {wrong.Message}", Owned.Id.ToString(), wrong));
            throw;
        }

        if (SnapshotEvery > 0 && Owned.RaisedNumber - snapshotNumber >= SnapshotEvery && snapshotting is null or { IsCompleted: true })
            snapshotting = MakeSnapshotAsync();
    }

    /// <summary>Ends when everything raised so far is durable.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: whether it is can't be known.</exception>
    protected Task DurableAsync(CancellationToken cancellation)
    {
        var durable = Owned.DurableAsync();
        return cancellation.CanBeCanceled && !durable.IsCompleted ? durable.WaitAsync(cancellation) : durable;
    }

    /// <summary>Answers what <paramref name="decide"/> does, or refuses as it does, when everything it saw and raised is durable.</summary>
    protected async Task<T> AnswerAsync<T>(Func<T> decide, CancellationToken cancellation)
    {
        T answer;
        try
        {
            answer = decide();
        }
        catch (GofsException)
        {
            await DurableAsync(cancellation);
            throw;
        }

        await DurableAsync(cancellation);
        return answer;
    }

    /// <summary>Ends when a commit begun after this call has found the stream to be this activation's: for what is given out without a record.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: it is not, or that can't be known.</exception>
    protected Task OwnedAsync(CancellationToken cancellation)
    {
        var owned = Owned.OwnedAsync();
        return cancellation.CanBeCanceled && !owned.IsCompleted ? owned.WaitAsync(cancellation) : owned;
    }

    /// <summary>Ends when nothing a former owner answers can count any more (<see cref="EditLogStream.FenceAge"/>), if there may be one.</summary>
    protected async Task OutwaitFormerOwnerAsync(CancellationToken cancellation)
    {
        if (succeededAt is not { } since) return;
        var left = EditLogStream.FenceAge - services.Time.GetElapsedTime(since);
        if (left > TimeSpan.Zero) await Task.Delay(left, services.Time, cancellation);
    }

    /// <summary>Shows every record that becomes durable from now on; once, before the first command.</summary>
    private protected void FeedTo(ICommitFeed feed) => Owned.Feed = feed;

    /// <summary>Somebody else has made a Snapshot.</summary>
    protected void NoteSnapshot(long number, DateTimeOffset at)
    {
        if (number > snapshotNumber) (snapshotNumber, snapshotAt) = (number, at);
    }

    /// <summary>Makes a Snapshot of what is durable now, in the background; answers its EditLog number.</summary>
    protected async Task<long> TakeSnapshotAsync(CancellationToken cancellation)
    {
        await DurableAsync(cancellation);
        if (snapshotting is not null) await snapshotting.WaitAsync(cancellation);
        if (Owned.DurableNumber == snapshotNumber) return snapshotNumber;
        snapshotting = MakeSnapshotAsync();
        return await snapshotting.WaitAsync(cancellation)
            ? snapshotNumber
            : throw new GofsException(GofsError.Unavailable, "the Snapshot was not finished; the silo's log says why", Owned.Id.ToString());
    }

    /// <summary>Removes the stream after what was raised, and deactivates.</summary>
    protected async Task DeleteStreamAsync()
    {
        Owned.Delete();
        await Owned.DurableAsync();
        DeactivateOnIdle();
    }

    /// <summary>Records as a person reads them: from a number on, or (0) the last ones.</summary>
    protected async Task<EditLogLine[]> ReadEditLogAsync(
        long from, int limit, Func<TEvent, (string Kind, string Text, DateTimeOffset? At, Caller? By)> describe, CancellationToken cancellation)
    {
        if (limit is < 1 or > 10_000) throw new GofsException(GofsError.InvalidArgument, $"1 to 10,000 records are read at once, not {limit}");
        await DurableAsync(cancellation);
        var (id, last) = (Owned.Id, Owned.DurableNumber);
        return await Task.Run(() =>
        {
            var trimmedTo = services.Store.Find(id)?.TrimmedTo ?? 0;
            var after = Math.Max(trimmedTo, from == 0 ? last - limit : from - 1);
            List<EditLogLine> lines = [];
            EditLogLoader.Read(services.Store, id, after, Math.Min(last, after + limit), serializer, (number, happened) =>
            {
                var (kind, text, at, by) = describe(happened);
                lines.Add(new(number, kind, text, at) { By = by });
            }, cancellation.ThrowIfCancellationRequested);
            return lines.ToArray();
        }, cancellation);
    }

    private async Task TakeUpAsync(StreamId id, CancellationToken cancellation)
    {
        await services.Loads.WaitAsync(cancellation);
        try
        {
            if (!TakesEpochEagerly && services.Store.Find(id) is null)
            {
                state = new();
                stream = new(services.Writer, id, epoch: 0, number: 0, OnFault);
                return;
            }

            var (head, begunAt) = await ClaimAsync(id, cancellation);
            var ownedAt = services.Time.GetTimestamp();
            var warm = services.Warm.Take(id);
            state = TakeOver(id, head, warm, cancellation)
                ?? EditLogLoader.Load<TState, TEvent>(services.Store, id, head, head.Number, serializer, cancellation.ThrowIfCancellationRequested);
            snapshotNumber = head.Snapshot;
            snapshotAt = head.SnapshotAt > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(head.SnapshotAt) : null;
            stream = new(services.Writer, id, head.Epoch, head.Number, OnFault, begunAt);
            if (services.Store.IsShared && head.FormerEpoch > 0 && warm?.ReleasedEpoch != head.FormerEpoch) succeededAt = ownedAt;
            if (WaitsOutFormerOwner) await OutwaitFormerOwnerAsync(cancellation);
        }
        finally
        {
            services.Loads.Release();
        }
    }

    // The state of a standby in this process, brought up to the last record: what makes a failover take milliseconds.
    private TState? TakeOver(StreamId id, StreamHead head, WarmState? standby, CancellationToken cancellation)
    {
        if (standby is not { State: TState warm, Number: var number } || number > head.Number || number < head.TrimmedTo) return null;
        EditLogLoader.Replay(services.Store, id, warm, number, head.Number, serializer, cancellation.ThrowIfCancellationRequested);
        return warm;
    }

    private async Task<(StreamHead Head, long BegunAt)> ClaimAsync(StreamId id, CancellationToken cancellation)
    {
        var claim = new EpochClaim(id, services.Writer.Time);
        services.Writer.Enqueue(claim);
        // Given up in time, so that it does not take the epoch from the next activation later.
        void GiveUp() => claim.Fault(new(GofsError.Unavailable, "the EditLog's store does not answer", id.ToString()));
        await using var late = services.Time.CreateTimer(_ => GiveUp(), null, services.Options.CommitTimeout, Timeout.InfiniteTimeSpan);
        await using var cancelled = cancellation.Register(GiveUp);
        return (await claim.Taken, claim.BegunAt);
    }

    private void OnFault(GofsException why) => GrainContext.Deactivate(new(DeactivationReasonCode.ApplicationError, why, why.Message));

    private async Task<bool> MakeSnapshotAsync()
    {
        var logger = (ILogger)ServiceProvider.GetService(typeof(ILogger<EditLogWriter>))!;
        try
        {
            await Owned.DurableAsync();
            var (id, epoch, number) = (Owned.Id, Owned.Epoch, Owned.DurableNumber);
            var made = services.Threads.RunLongAsync(
                () => SnapshotMaker.Make<TState, TEvent>(services, id, epoch, number, serializer, () => ended));
            if (!await made) return false;
            snapshotNumber = number;
            snapshotAt = services.Time.GetUtcNow();
            return true;
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OperationCanceledException)
        {
            LogNoSnapshot(logger, Owned.Id, failed);
            return false;
        }
    }

    [LoggerMessage(2011, LogLevel.Warning, "The Snapshot of {Stream} was not finished; the previous one stands")]
    private static partial void LogNoSnapshot(ILogger logger, StreamId stream, Exception failed);
}
