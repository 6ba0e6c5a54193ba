using Gofs.Chunks;
using Gofs.Cluster;
using Gofs.Grains.Chunks;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces.Standbys;
using Gofs.Namespaces;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// The master of one namespace. What: looks up, decides, logs; the rules are in the decisions, the tree in the state. Why one grain:
/// a tree has one order of changes, and rename is atomic because of it.
/// <para>
/// Retried commands get their first answer (op-id table). Its duties, once a second, each driven by what stands in the state and each
/// idempotent: chunks of files put whole are confirmed at the chunk table, files open longer than a lease lives are settled, trash whose time
/// is over is purged step by step, files that are gone are released at their grains, chunk tables are told of goals
/// (<see cref="GoalDuties"/>); and standbys are fed (<see cref="StandbyKeeper"/>). Who dies: see <see cref="EditLogGrain{TState,TEvent}"/>; a duty that was under way is found again in the state.
/// </para>
/// </summary>
[WarmestStandby, Reentrant, KeepAlive, Immovable]
internal sealed partial class NamespaceGrain(
    EditLogServices services, LocalMetaServer local, Silos silos, ILocalSiloDetails silo, IOptions<StandbyOptions> options, TimeProvider time,
    ILoggerFactory logs)
    : EditLogGrain<NamespaceState, NamespaceEvent>(services), INamespaceGrain, INamespaceControlGrain
{
    private const int CountStep = 20_000;
    private readonly LengthReservations reservations = new();
    private readonly ToldFiles told = new();
    private NamespaceDuties? duties;
    private StandbyKeeper? standbys;
    private NamespaceInfo? info;

    /// <inheritdoc/>
    protected override bool WaitsOutFormerOwner => true;

    /// <inheritdoc/>
    protected override int SnapshotEvery => SnapshotCadence.RecordsAtMaster(State.Tree.Inodes, standbys is not null, standbys is { Feeds.Count: > 0 });

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(GofsPath directory, byte[]? afterName, int limit, CancellationToken cancellation)
    {
        figures!.Count(NamespaceOperation.List);
        return AnswerAsync(() => NamespaceQueries.List(State, directory, afterName, limit), cancellation);
    }

    /// <inheritdoc/>
    public async Task<TreeCount> CountAsync(GofsPath path, CancellationToken cancellation)
    {
        TreeCount count = new(0, 0, 0, 0);
        try
        {
            foreach (var soFar in NamespaceQueries.Count(State, PathResolution.Require(State, path, followLast: true).Inode, CountStep))
            {
                count = soFar;
                await Task.Yield();
                cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await DurableAsync(cancellation);
        }

        return count;
    }

    /// <inheritdoc/>
    public Task<byte[]?> GetExtendedAttributeAsync(GofsPath path, string name, CancellationToken cancellation) => AnswerAsync(
        () => State.ExtendedAttributes.GetValueOrDefault(PathResolution.Require(State, path, followLast: false).Inode)?.GetValueOrDefault(name),
        cancellation);

    /// <inheritdoc/>
    public Task<string[]> ListExtendedAttributesAsync(GofsPath path, CancellationToken cancellation) => AnswerAsync<string[]>(
        () => State.ExtendedAttributes.TryGetValue(PathResolution.Require(State, path, followLast: false).Inode, out var all) ? [.. all.Keys] : [],
        cancellation);

    /// <inheritdoc/>
    public async Task FileFlushedAsync(FileFlushed command, CancellationToken cancellation)
    {
        figures!.Count(NamespaceOperation.Flush);
        if (!told.IsNews(command.Inode, command.EditLogNumber))
        {
            await DurableAsync(cancellation);
            return;
        }

        LengthFlushed? flushed;
        try
        {
            flushed = OpenFileDecisions.Flush(State, command, Now);
        }
        catch (GofsException)
        {
            if (command.Closed && State.Unnamed.ContainsKey(command.Inode.Value)) Raise(new FileAbandoned(command.Inode.Value));
            await DurableAsync(cancellation);
            throw;
        }

        if (flushed is not null) Raise(flushed);
        if (OpenFileDecisions.Raise(State, OpId.New(), command) is { } raised) Raise(raised);
        reservations.Arrived(command.Inode.Value, command.LengthBytes, command.Closed && !State.Open.ContainsKey(command.Inode.Value));
        await DurableAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task ReserveLengthAsync(InodeNumber inode, long lengthBytes, CancellationToken cancellation) => AnswerAsync(
        () =>
        {
            QuotaDecisions.RequireGrowth(State, reservations, inode.Value, lengthBytes);
            reservations.Reserve(inode.Value, lengthBytes);
            return true;
        },
        cancellation);

    /// <inheritdoc/>
    public Task<TrashItem[]> ListTrashAsync(long afterId, int limit, CancellationToken cancellation) =>
        AnswerAsync(() => NamespaceQueries.ListTrash(State, afterId, limit), cancellation);

    /// <inheritdoc/>
    public Task RestoreAsync(Restore command, CancellationToken cancellation) =>
        DoAsync(command.OpId, () => TrashDecisions.Restore(State, command, Now), cancellation);

    /// <inheritdoc/>
    public Task<NamespaceConfig> GetConfigAsync(CancellationToken cancellation) => AnswerAsync(() => State.Config, cancellation);

    /// <inheritdoc/>
    public async Task<NamespaceStatus> GetStatusAsync(CancellationToken cancellation)
    {
        await DurableAsync(cancellation);
        var stream = Stream;
        return new(State.Name, State.Number, State.Config, State.Tree.Inodes, State.Tree.LengthBytes, State.Trash.Count, State.Open.Count,
            silo.Name, stream.Epoch, stream.EditLogNumber, stream.SnapshotNumber, stream.SnapshotAt, stream.LoadTime)
        {
            StoredBytes = State.Tree.StoredBytes,
            Operations = figures?.All ?? 0,
            Standbys = [.. standbys?.Feeds.Select(feed => new StandbyStatus(feed.Silo, feed.Number, feed.Lag)) ?? []],
        };
    }

    /// <inheritdoc/>
    public async Task<bool> FailoverAsync(CancellationToken cancellation)
    {
        try
        {
            await MoveAsync(null, isAsked: false, cancellation);
            return true;
        }
        catch (GofsException none) when (none.Error == GofsError.NoStandby)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task MoveMasterAsync(long epoch, string? to, CancellationToken cancellation) =>
        Stream.Epoch != epoch || to == silo.Name ? Task.CompletedTask : MoveAsync(to, isAsked: true, cancellation);

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.RemoveMaster(this.GetPrimaryKeyString(), this);
        if (figures is not null) local.Hide(figures);
        await base.OnDeactivateAsync(reason, cancellationToken);
        if (standbys is null) return;
        // Only one that is not at fault knows that nothing of it can still be answered.
        if (reason.ReasonCode == DeactivationReasonCode.ApplicationError) await standbys.StopAsync();
        else await standbys.ReleaseAsync(Stream.Epoch);
    }

    /// <inheritdoc/>
    public Task<EditLogLine[]> ReadEditLogAsync(long from, int limit, CancellationToken cancellation) =>
        ReadEditLogAsync(from, limit, happened => (
            happened.Kind, happened.Describe(), happened.HappenedAt is { } at ? DateTimeOffset.UnixEpoch.AddTicks(at / 100) : null,
            happened.AskedBy), cancellation);

    /// <inheritdoc/>
    public async Task RetireAsync(int namespaceNumber)
    {
        if (State.Number != namespaceNumber) return;
        if (standbys is not null) await standbys.EndAsync();
        DeactivateOnIdle();
    }

    /// <inheritdoc/>
    public Task<InodeView> ViewInodeAsync(InodeNumber inode, CancellationToken cancellation) =>
        AnswerAsync(() => NamespaceQueries.ViewOf(State, inode.Value), cancellation);

    /// <inheritdoc/>
    public Task<ChunkHandle[]> WhichAreGarbageAsync(CollectableChunk[] chunks, CancellationToken cancellation) => AnswerAsync<ChunkHandle[]>(
        () => [.. chunks.Where(chunk => NamespaceQueries.IsGarbage(State, chunk)).Select(chunk => chunk.Chunk)], cancellation);

    /// <inheritdoc/>
    protected override async ValueTask<StreamId> FindStreamAsync(CancellationToken cancellation)
    {
        var name = this.GetPrimaryKeyString();
        info = await GrainFactory.GetGrain<IClusterGrain>(0).FindNamespaceAsync(name, cancellation)
            ?? throw new GofsException(GofsError.NamespaceNotFound, "there is no such namespace", name);
        return StreamId.OfNamespace(info.Number);
    }

    /// <inheritdoc/>
    protected override async Task OnLoadedAsync(CancellationToken cancellation)
    {
        if (State.Number == 0)
        {
            Raise(new NamespaceCreated(info!.Number, info.Name, info.InitialConfig, Now));
            await DurableAsync(cancellation);
        }

        local.AddMaster(State.Name, this);
        ShowFigures();
        if (IsStoreShared && options.Value.Standbys > 0) StartStandbys();
        clones = new(State, Raise, DurableAsync, GrainFactory) { ConfirmAsync = token => duties!.ConfirmAsync(token) };
        goals = new(State, Raise, DurableAsync, clones, GrainFactory) { ConfirmAsync = token => duties!.ConfirmAsync(token) };
        duties = new(State, Raise, DurableAsync, told, clones, goals, GrainFactory, time, logs.CreateLogger<NamespaceDuties>());
        this.RegisterGrainTimer(duties.RunAsync, new GrainTimerCreationOptions(NamespaceDuties.Every, NamespaceDuties.Every) { Interleave = true });
    }

    // Not deactivated and placed anew: whoever still has its former address would start it again here.
    private async Task MoveAsync(string? to, bool isAsked, CancellationToken cancellation)
    {
        if (standbys is null) throw new GofsException(GofsError.NoStandby, "it has no standby", State.Name);
        var chosen = await standbys.ChooseAsync(to, () => Stream.DurableNumber, cancellation);
        // A silo that stops in order is no act of anybody.
        if (isAsked)
        {
            Raise(Asked("meta failover", $"from {silo.Name} to {chosen}", null));
            await DurableAsync(cancellation);
        }

        RequestContext.Set(IPlacementDirector.PlacementHintKey, chosen);
        MigrateOnIdle();
    }

    private void StartStandbys()
    {
        standbys = new(State.Name, options.Value.Standbys, silo.Name, silos, GrainFactory, () => (State.Number, Stream.Epoch, Stream.DurableNumber), Threads,
            time, logs.CreateLogger<StandbyKeeper>());
        FeedTo(standbys);
        this.RegisterGrainTimer(KeepStandbysAsync, new GrainTimerCreationOptions(TimeSpan.Zero, NamespaceDuties.Every) { Interleave = true });
    }

    private async Task KeepStandbysAsync(CancellationToken cancellation)
    {
        await standbys!.RunAsync();
        foreach (var feed in standbys.Feeds)
        {
            if (feed.Snapshot is var (number, at)) NoteSnapshot(number, at);
        }
    }
}
