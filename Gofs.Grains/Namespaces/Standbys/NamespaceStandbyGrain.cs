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
/// A standby of one namespace on one silo. What: keeps the tree warm from the master's feed (<see cref="LocalStandby"/>), answers reads that
/// may be a moment behind, and makes the Snapshots. Why a grain pinned to a silo: a master that is started there takes the state over in process.
/// <para>
/// Who dies. The master: nobody feeds any more, and this standby asks the namespace how it is until somebody answers; that call is what has
/// the new master started, here (<see cref="WarmestStandbyDirector"/>). This one's silo: the master chooses another. The silo with this grain's
/// directory entry: this activation ends, its state stays, and it is activated again at once. The namespace is removed, or the master feeds others: the
/// answer says so, or no feed comes for <see cref="UnfedTime"/>, and this ends.
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
    private static readonly TimeSpan UnfedTime = TimeSpan.FromMinutes(1);
    private string name = "";
    private LocalStandby? standby;
    private long heardAt;
    private long fedAt;
    private bool asking;
    private bool ended;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (name, _) = StandbyKey.Parse(this.GetPrimaryKeyString());
        standby = local.FindStandby(name);
        heardAt = fedAt = time.GetTimestamp();
        this.RegisterGrainTimer(AskAsync, new GrainTimerCreationOptions(Every, Every) { Interleave = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (ended || reason.ReasonCode == DeactivationReasonCode.ShuttingDown) Drop();
        else if (standby is not null) _ = ComeBackAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StandbyStanding> FeedAsync(StandbyBatch batch, CancellationToken cancellation)
    {
        heardAt = fedAt = time.GetTimestamp();
        var stream = StreamId.OfNamespace(batch.NamespaceNumber);
        if (standby?.Stream != stream)
        {
            Drop();
            standby = new(name, stream, services, logger);
            local.AddStandby(name, standby);
        }

        try
        {
            return Task.FromResult(standby.Feed(batch));
        }
        catch (GofsException)
        {
            // Its state was handed over, or the feed is a former master's: whoever feeds next gets a new one.
            if (standby.Replica.Number < 0) Drop();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(long epoch)
    {
        standby?.Replica.Released(epoch);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StayAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task EndAsync()
    {
        End();
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
        var (value, number) = (standby ?? throw new GofsException(GofsError.Unavailable, "there is no standby here (yet)", name)).Replica.Read(look);
        return Task.FromResult(new StaleAnswer<T>(value, number));
    }

    private void Drop()
    {
        if (standby is null) return;
        local.RemoveStandby(name, standby);
        standby.End();
        standby = null;
    }

    private void End()
    {
        ended = true;
        DeactivateOnIdle();
    }

    // Called when it has deactivated, so the next activation takes the call.
    private async Task ComeBackAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IStandbyFeedGrain>(this.GetPrimaryKeyString()).StayAsync().WaitAsync(Patience, time);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            LogAway(logger, name, silent);
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
            if (time.GetElapsedTime(fedAt) >= UnfedTime) End();
        }
        catch (GofsException gone) when (gone.Error == GofsError.NamespaceNotFound)
        {
            End();
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

    [LoggerMessage(2512, LogLevel.Warning, "Namespace {Name} has no master that answers")]
    private static partial void LogNoMaster(ILogger logger, string name, Exception silent);

    [LoggerMessage(2513, LogLevel.Warning, "The standby of namespace {Name} has its state, but its grain is not there again yet")]
    private static partial void LogAway(ILogger logger, string name, Exception silent);
}
