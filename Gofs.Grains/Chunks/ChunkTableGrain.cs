using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Placement;
using Gofs.Grains.Settings;
using Gofs.Namespaces;
using Gofs.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>
/// One shard of a chunk table. What: which chunks files refer to and under which version (logged), and where their replicas are (from
/// chunk reports). Why shards: reports and grants of one namespace do not wait in one line; a handle names its shard.
/// <para>
/// A new chunk costs no record: its handle is from a range that was reserved in the log, and only when a file's commit confirms it does
/// the table log it. What is never confirmed is collected when its writer's lease cannot live any more. A chunk the table does not
/// have and a server reports is treated the same: so nothing leaks, and a restart of the table needs no list of the unconfirmed.
/// </para>
/// <para>
/// A new version goes to the replicas first and into the log second; the other order could leave a version nobody has. Dies the table between, some
/// replicas have a version above the table's (GFS §4.5), and are as good as the others (<see cref="AheadReplica"/>). A server that does not take it is
/// stale from then on; one that does not say whether it took it is left with one that never counts (<see cref="VersionOffers"/>). Stale is also one
/// that failed under a write: its writer asks for a new version on the others (<see cref="RecoverAsync"/>), of a chunk that no file refers to yet
/// too. A server dies: its replicas stay listed, and are made again elsewhere when it is dead (<see cref="ChunkHealing"/>). The table dies: it asks every
/// server for a report when it starts, and whoever looks for a chunk nobody has reported waits for a while.
/// </para>
/// </summary>
[Reentrant]
internal sealed partial class ChunkTableGrain(
    EditLogServices services, NamespaceSettings settings, ChunkServerView servers, ChunkTokens tokens, LocalChunkTables local,
    IOptionsMonitor<ChunkServerOptions> options, TimeProvider time, ILogger<ChunkTableGrain> logger)
    : EditLogGrain<ChunkTableState, ChunkTableEvent>(services), IChunkTableGrain, IChunkTableControlGrain
{
    private const int HandlesAtOnce = 4096;
    private const int DeletesAtOnce = 1024;
    private static readonly TimeSpan DutiesEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ChangePatience = TimeSpan.FromSeconds(2.5); // more than two heartbeats: what is new is told with them
    private static readonly TimeSpan ServerPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RecoverPatience = TimeSpan.FromSeconds(1.5);
    private readonly ReplicaMap replicas = new();
    private readonly UnconfirmedChunks unconfirmed = new();
    private readonly Dictionary<ChunkHandle, Task<ChunkLocation>> granting = [];
    private readonly VersionOffers offers = new();
    private Task? counting;
    private int number;
    private readonly LateConfirmations late = new();
    private TimeSpan writersLease; // as the last writer's; for chunks whose writer nobody knows
    private int namespaceNumber;
    private int shard;
    private long nextCounter;
    private long durableUpto;
    private bool collecting;

    /// <inheritdoc/>
    public async Task<ChunkLocation> AllocateAsync(InodeNumber inode, int goal, TimeSpan leaseTime, CancellationToken cancellation)
    {
        var known = await servers.GetAsync(cancellation);
        var location = Allocate(ReplicaPlacement.Choose(known, goal, (ulong)nextCounter), ChunkOwner.Of(inode), leaseTime);
        await ReserveAsync(location.Handle.Counter, cancellation);
        return location;
    }

    /// <inheritdoc/>
    public async Task<AllocatedChunks> AllocateManyAsync(int count, CancellationToken cancellation)
    {
        if (count is < 1 or > 256) throw new GofsException(GofsError.InvalidArgument, $"1 to 256 chunks are allocated at once, not {count}");
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        var known = await servers.GetAsync(cancellation);
        var placed = ReplicaPlacement.ChooseRuns(known, config.Goal, count, (ulong)nextCounter);
        var chunks = Array.ConvertAll(
            placed, chosen => tokens.Give(Allocate(chosen, ChunkOwner.Put, config.LeaseTime), ChunkRights.Read | ChunkRights.Write));
        var allocatedAt = time.GetUtcNow();
        await ReserveAsync(chunks[^1].Handle.Counter, cancellation);
        return new(chunks, config.ChunkSizeBytes, config.Durability, UnconfirmedChunks.PutWithin(config.LeaseTime), allocatedAt);
    }

    /// <inheritdoc/>
    public async Task ConfirmAsync(ChunkHandle[] handles, int goal, CancellationToken cancellation)
    {
        foreach (var handle in handles) Check(handle);
        var added = handles.Where(handle => !State.TryGet(handle, out _) && !late.IsLate(handle, time.GetUtcNow())).ToArray();
        if (added.Length > 0) Raise(new ChunksConfirmed(added, goal));
        foreach (var handle in added)
        {
            unconfirmed.Forget(handle);
            Healing.Look(handle);
        }

        await DurableAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task KeepAsync(ChunkHandle[] handles, TimeSpan leaseTime, CancellationToken cancellation)
    {
        foreach (var handle in handles)
        {
            Check(handle);
            if (!State.TryGet(handle, out _)) unconfirmed.Keep(handle, ChunkOwner.Unknown, time.GetUtcNow(), leaseTime);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ChunkLocation> GrantVersionAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        Check(handle);
        await HearEnoughAsync(handle, cancellation);
        return await AloneAsync(handle, () => GrantAsync(handle, cancellation));
    }

    /// <inheritdoc/>
    public async Task<ChunkLocation> RecoverAsync(
        ChunkHandle handle, ChunkVersion failed, ServerId[] replicas, TimeSpan leaseTime, CancellationToken cancellation)
    {
        Check(handle);
        Healing.Wait(handle);
        var least = await LeastReplicasAsync(handle, cancellation);
        await JoinEndedAsync(handle, cancellation);
        await HearOfAllAsync(RecoverPatience, cancellation);
        var (version, holders) = (State.VersionOf(handle), this.replicas.Of(handle));
        if (version > failed && holders.Length >= least && this.replicas.HasAllWritable(handle))
        {
            await DurableAsync(cancellation);
            return new(handle, version, holders, Known: true);
        }

        return await GrantOnceAsync(handle, () => RecoverNowAsync(handle, replicas, leaseTime, cancellation), cancellation);
    }

    /// <inheritdoc/>
    public async Task<ChunkLocation> RecoverOwnAsync(
        ChunkHandle handle, ChunkVersion failed, ServerId[] replicas, TimeSpan leaseTime, CancellationToken cancellation)
    {
        Check(handle);
        Healing.Wait(handle);
        await HearOfAllAsync(RecoverPatience, cancellation);
        return await AloneAsync(handle, () =>
        {
            cancellation.ThrowIfCancellationRequested();
            return RecoverNowAsync(handle, State.VersionOf(handle) > failed ? this.replicas.Of(handle) : replicas, leaseTime, cancellation);
        });
    }

    /// <inheritdoc/>
    public async Task<ChunkLocation[]> LocateAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        foreach (var handle in handles) Check(handle);
        await HearOfAsync(handles, cancellation);
        await DurableAsync(cancellation);
        return Array.ConvertAll(handles, handle => tokens.Give(Locate(handle), ChunkRights.Read));
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        foreach (var handle in handles) Check(handle);
        var there = handles.Where(handle => State.TryGet(handle, out _)).ToArray();
        if (there.Length > 0) Raise(new ChunksReleased(there));
        await DurableAsync(cancellation);
        foreach (var handle in there)
        {
            unconfirmed.Release(handle);
            offers.Forget(handle);
            replicas.Forget(handle);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<StreamId> FindStreamAsync(CancellationToken cancellation)
    {
        (namespaceNumber, shard) = ChunkTableKey.Parse(this.GetPrimaryKeyString());
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        if (shard >= config.ChunkTableShards)
            throw new GofsException(GofsError.InvalidArgument,
                $"namespace {namespaceNumber} has {config.ChunkTableShards} chunk table shards; there is no {shard}");
        return StreamId.OfChunkTable(namespaceNumber, shard);
    }

    /// <inheritdoc/>
    protected override async Task OnLoadedAsync(CancellationToken cancellation)
    {
        durableUpto = State.ReservedUpto;
        nextCounter = durableUpto + 1;
        var now = time.GetUtcNow();
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        writersLease = config.LeaseTime;
        foreach (var handle in State.Moved) unconfirmed.SeeStranger(handle, now, writersLease);
        _ = RunDutiesAsync(CancellationToken.None); // whoever locates a chunk now waits for the reports
        this.RegisterGrainTimer(RunDutiesAsync, new GrainTimerCreationOptions(DutiesEvery, DutiesEvery) { Interleave = true });
    }

    private void Check(ChunkHandle handle)
    {
        if (handle.NamespaceNumber != namespaceNumber || handle.Shard != shard)
            throw new GofsException(GofsError.InvalidArgument, $"chunk {handle} is not of table {namespaceNumber}/{shard}");
    }

    private ChunkLocation Locate(ChunkHandle handle) =>
        State.TryGet(handle, out var row) ? new(handle, row.Version, servers.Present(replicas.Of(handle)), Known: true) { Goal = row.Goal }
        : unconfirmed.Contains(handle) ? new(handle, State.VersionOf(handle), servers.Present(replicas.Of(handle)), Known: true)
        : new(handle, default, [], Known: false);

    private ChunkLocation Allocate(ServerId[] chosen, ChunkOwner owner, TimeSpan leaseTime)
    {
        writersLease = leaseTime;
        var handle = ChunkHandle.Create(namespaceNumber, shard, nextCounter++);
        var now = time.GetUtcNow();
        unconfirmed.Keep(handle, owner, now, leaseTime);
        replicas.Expect(handle, chosen, now);
        return new(handle, ChunkVersion.First, chosen, Known: true);
    }

    private async Task ReserveAsync(long counter, CancellationToken cancellation)
    {
        if (counter <= durableUpto - (HandlesAtOnce / 2)) return;
        if (State.ReservedUpto < counter + HandlesAtOnce / 2) Raise(new HandlesReserved(counter + HandlesAtOnce));
        var upto = State.ReservedUpto;
        if (counter <= durableUpto)
        {
            _ = NoteReservedAsync(upto, CancellationToken.None);
            return;
        }

        await NoteReservedAsync(upto, cancellation);
    }

    private async Task NoteReservedAsync(long upto, CancellationToken cancellation)
    {
        await DurableAsync(cancellation);
        durableUpto = Math.Max(durableUpto, upto);
    }

    private async Task<ChunkLocation> GrantOnceAsync(ChunkHandle handle, Func<Task<ChunkLocation>> grant, CancellationToken cancellation)
    {
        await JoinEndedAsync(handle, cancellation);
        if (!granting.TryGetValue(handle, out var running)) granting[handle] = running = grant();
        try
        {
            return await running;
        }
        finally
        {
            if (granting.TryGetValue(handle, out var last) && last == running)
            {
                granting.Remove(handle);
                HearWhatWaited(handle);
            }
        }
    }

    private async Task<ChunkLocation> GrantAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!State.TryGet(handle, out _)) throw new GofsException(GofsError.ChunkNotFound, "no file refers to the chunk", handle.ToString());
        var asked = replicas.Of(handle);
        var (version, holders) = await OfferAsync(asked, handle, ServerPatience, cancellation);
        if (holders.Length == 0)
            throw new GofsException(GofsError.ChunkUnavailable, $"none of its {asked.Length} replicas took version {version}", handle.ToString());
        await RequireSoundAsync(handle, holders, cancellation);
        // Released meanwhile: it has no version any more.
        if (!State.TryGet(handle, out _)) throw new GofsException(GofsError.ChunkNotFound, "no file refers to the chunk any more", handle.ToString());
        return await MoveAsync(handle, version, holders, cancellation);
    }

    private async Task<ChunkLocation> MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders, CancellationToken cancellation)
    {
        Raise(new VersionMoved(handle, version));
        foreach (var server in replicas.Of(handle)) left.Note(handle, server, time.GetUtcNow());
        foreach (var server in holders)
        {
            left.Forget(handle, server);
            unclear.Forget(handle, server);
        }

        replicas.Set(handle, holders);
        Healing.Moved(handle);
        await DurableAsync(cancellation);
        return new(handle, version, holders, Known: true);
    }

    private async Task<ChunkLocation> RecoverNowAsync(ChunkHandle handle, ServerId[] survivors, TimeSpan leaseTime, CancellationToken cancellation)
    {
        RefuseReleased(handle);
        // After a restart the table does not know the chunks that were being written; their writers do.
        if (!State.TryGet(handle, out _)) unconfirmed.Keep(handle, ChunkOwner.Unknown, time.GetUtcNow(), leaseTime);
        var (version, holders) = await OfferAsync(survivors, handle, RecoverPatience, cancellation);
        await RequireSoundAsync(handle, holders, cancellation);
        RefuseReleased(handle);
        var least = await LeastReplicasAsync(handle, cancellation);
        if (holders.Length < least)
            throw new GofsException(
                GofsError.ChunkUnavailable, $"{holders.Length} of its replicas can be written; the namespace wants {least} at least", handle.ToString());
        LogRecovered(logger, handle, version, holders.Length);
        return await MoveAsync(handle, version, holders, cancellation);
    }

    // Whoever asks for it asked before the file let go of it: a call that arrives late.
    private void RefuseReleased(ChunkHandle handle)
    {
        if (!State.TryGet(handle, out _) && late.IsLate(handle, time.GetUtcNow()))
            throw new GofsException(GofsError.ChunkNotFound, "no file refers to the chunk any more", handle.ToString());
    }

    // Never more than its file wants.
    private async ValueTask<int> LeastReplicasAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        var least = (await settings.GetAsync(namespaceNumber, cancellation)).Config.MinReplicas;
        return Math.Max(1, State.TryGet(handle, out var row) ? Math.Min(least, row.Goal) : least);
    }

    /// <summary>
    /// Offers a new version until each server that was asked has answered, and answers who took it: none others can have it. One that has a newer version is
    /// asked again with those that took one: a former owner of this table offered it.
    /// </summary>
    private async Task<(ChunkVersion Version, ServerId[] Holders)> OfferAsync(
        ServerId[] servers, ChunkHandle handle, TimeSpan patience, CancellationToken cancellation)
    {
        for (var rounds = 1; ; rounds++)
        {
            var version = await NextVersionAsync(handle);
            var counts = State.VersionOf(handle);
            var answers = await Task.WhenAll(servers.Select(server => OfferAsync(server, handle, version, counts, patience, cancellation)));
            ServerId[] holders = [.. servers.Where((_, i) => answers[i] == OfferAnswer.Taken)];
            ServerId[] ahead = [.. servers.Where((_, i) => answers[i] == OfferAnswer.Newer && rounds < VersionRound.Patience)];
            if (ahead.Length == 0 && (holders.Length == 0 || !answers.Contains(OfferAnswer.Unknown))) return (version, holders);
            servers = [.. holders, .. ahead];
        }
    }

    private async ValueTask<ChunkVersion> NextVersionAsync(ChunkHandle handle)
    {
        if (number == 0) await (counting = counting is null or { IsFaulted: true } ? CountAsync() : counting);
        return offers.Next(handle, State.VersionOf(handle), number);
    }

    // Durable before anything is offered: an owner that came later would have the number too. Nor may a former owner still send readers to replicas that
    // an offer leaves behind.
    private async Task CountAsync()
    {
        var next = State.Owners + 1;
        Raise(new OwnerCounted(next));
        await DurableAsync(CancellationToken.None);
        await OutwaitFormerOwnerAsync(CancellationToken.None);
        number = next;
    }

    private async Task<OfferAnswer> OfferAsync(
        ServerId server, ChunkHandle handle, ChunkVersion version, ChunkVersion counts, TimeSpan patience, CancellationToken cancellation)
    {
        try
        {
            await GrainFactory.GetGrain<IChunkServerGrain>(server.Value)
                .OfferVersionAsync(handle, version, counts, cancellation).WaitAsync(patience, time, cancellation);
            return OfferAnswer.Taken;
        }
        catch (Exception refused) when (refused is GofsException or TimeoutException or OrleansException)
        {
            LogNotTaken(logger, server, handle, version, refused);
            return VersionRound.AnswerOf(refused);
        }
    }

    // The next one, when this owner has not offered anything yet.
    private int OwnerNumber => number > 0 ? number : State.Owners + 1;

    private async Task RunDutiesAsync(CancellationToken cancellation)
    {
        try
        {
            await AskForReportsAsync(cancellation);
            SeeUnclear();
            await HealAsync(cancellation);
            await CollectAsync(cancellation);
            await DeleteLeftAsync(cancellation);
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            LogDutyFailed(logger, namespaceNumber, shard, failed);
        }
    }

    [LoggerMessage(2106, LogLevel.Warning, "A replica of chunk {Handle} failed under a write: it goes on as version {Version} on {Count} servers")]
    private static partial void LogRecovered(ILogger logger, ChunkHandle handle, ChunkVersion version, int count);

    [LoggerMessage(2101, LogLevel.Warning, "Chunk server {Server} did not take version {Version} of chunk {Handle}: its replica is stale")]
    private static partial void LogNotTaken(ILogger logger, ServerId server, ChunkHandle handle, ChunkVersion version, Exception refused);

    [LoggerMessage(2105, LogLevel.Warning, "A duty of chunk table {Namespace}/{Shard} was not finished; it goes on in a second")]
    private static partial void LogDutyFailed(ILogger logger, int @namespace, int shard, Exception failed);
}
