using Gofs.Grains.EditLogs;
using Gofs.Grains.Placement;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// A standby of one namespace on one silo. What: keeps the tree warm from the master's feed (<see cref="StandbyReplica"/>), answers reads that
/// may be a moment behind, and makes the Snapshots. Why a grain pinned to a silo: a master that is started there takes the state over in process.
/// <para>
/// Who dies. The master: nobody feeds any more, and this standby asks the namespace how it is until somebody answers; that call is what has
/// the new master started, here (<see cref="WarmestStandbyDirector"/>). This one's silo: the master chooses another. The namespace is removed: the
/// answer says so, and this ends.
/// </para>
/// </summary>
[PinToSiloName, Reentrant, KeepAlive, Immovable]
internal sealed partial class NamespaceStandbyGrain(
    EditLogServices services, LocalMetaServer local, TimeProvider time, ILogger<NamespaceStandbyGrain> logger)
    : Grain, INamespaceStandbyGrain, IStandbyFeedGrain
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private string name = "";
    private StreamId stream;
    private StandbyReplica? replica;
    private long heardAt;
    private long snapshotNumber;
    private DateTimeOffset? snapshotAt;
    private Task? snapshotting;
    private bool asking;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (name, _) = StandbyKey.Parse(this.GetPrimaryKeyString());
        heardAt = time.GetTimestamp();
        this.RegisterGrainTimer(AskAsync, new GrainTimerCreationOptions(Every, Every) { Interleave = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Drop();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StandbyStanding> FeedAsync(StandbyBatch batch, CancellationToken cancellation)
    {
        heardAt = time.GetTimestamp();
        var wanted = StreamId.OfNamespace(batch.NamespaceNumber);
        if (replica is null || stream != wanted)
        {
            Drop();
            stream = wanted;
            replica = new(stream, services, logger);
            services.Warm.Add(stream, replica);
            local.AddStandby(name, replica);
        }

        long number;
        try
        {
            number = replica.Feed(batch);
        }
        catch (GofsException)
        {
            // Its state was handed over, or the feed is a former master's: whoever feeds next gets a new one.
            if (replica.Number < 0 || local.StandingOf(name).WarmNumber < 0) Drop();
            throw;
        }

        MakeSnapshotWhenDue(number, batch.Epoch);
        return Task.FromResult(new StandbyStanding(number, snapshotNumber, snapshotAt));
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(long epoch)
    {
        replica?.Released(epoch);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StaleAnswer<Entry?>> LookupAsync(GofsPath path, bool followLast, CancellationToken cancellation) =>
        ReadAsync(state => NamespaceQueries.Find(state, path, followLast));

    /// <inheritdoc/>
    public Task<StaleAnswer<ListPage>> ListAsync(GofsPath directory, byte[]? afterName, int limit, CancellationToken cancellation) =>
        ReadAsync(state => NamespaceQueries.List(state, directory, afterName, limit));

    /// <inheritdoc/>
    public Task<StaleAnswer<TreeCount>> CountAsync(GofsPath path, CancellationToken cancellation) =>
        ReadAsync(state => NamespaceQueries.Count(state, PathResolution.Require(state, path, followLast: true).Inode, int.MaxValue).Last());

    private Task<StaleAnswer<T>> ReadAsync<T>(Func<NamespaceState, T> look)
    {
        var (value, number) = (replica ?? throw new GofsException(GofsError.Unavailable, "there is no standby here (yet)", name)).Read(look);
        return Task.FromResult(new StaleAnswer<T>(value, number));
    }

    private void Drop()
    {
        if (replica is null) return;
        local.RemoveStandby(name, replica);
        services.Warm.Remove(stream, replica);
        replica.End();
        replica = null;
    }

    // By replay beside the replica, which goes on meanwhile.
    private void MakeSnapshotWhenDue(long number, long epoch)
    {
        if (number - snapshotNumber < SnapshotCadence.FewestRecords || snapshotting is { IsCompleted: false }) return;
        var following = replica!;
        var between = SnapshotCadence.RecordsBetween(following.Read(state => state.Tree.Inodes).Value);
        if (number - snapshotNumber < between) return;
        snapshotting = Task.Factory.StartNew(
            () => MakeSnapshot(following, number, epoch, between), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void MakeSnapshot(StandbyReplica following, long number, long epoch, int between)
    {
        try
        {
            if (services.Store.Find(stream) is { } head && head.Snapshot > number - between)
                number = head.Snapshot;
            else if (!SnapshotMaker.Make<NamespaceState, NamespaceEvent>(
                services, stream, epoch, number, services.SerializerOf<NamespaceEvent>(), () => following.Number < 0))
                return;
            (snapshotNumber, snapshotAt) = (number, time.GetUtcNow());
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OperationCanceledException)
        {
            LogNoSnapshot(logger, name, failed);
        }
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        if (asking || time.GetElapsedTime(heardAt) < Silence) return;
        asking = true;
        try
        {
            await GrainFactory.GetGrain<INamespaceGrain>(name).GetStatusAsync(cancellation).WaitAsync(Patience, time, cancellation);
            heardAt = time.GetTimestamp();
        }
        catch (GofsException gone) when (gone.Error == GofsError.NamespaceNotFound)
        {
            DeactivateOnIdle();
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            LogNoMaster(logger, name, silent);
        }
        finally
        {
            asking = false;
        }
    }

    [LoggerMessage(2511, LogLevel.Warning, "The standby of namespace {Name} could not make a Snapshot; the previous one stands")]
    private static partial void LogNoSnapshot(ILogger logger, string name, Exception failed);

    [LoggerMessage(2512, LogLevel.Warning, "Namespace {Name} has no master that answers")]
    private static partial void LogNoMaster(ILogger logger, string name, Exception silent);
}
