using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Settings;
using Gofs.Namespaces;
using Gofs.Transport;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Files;

/// <summary>
/// One file. What: its chunk list, its flushed length and its writer lease. Why a grain each: a cold file is not in memory, and files
/// do not wait for each other.
/// <para>
/// Who knows what. This stream is the truth about the file's bytes; the namespace's length and the chunk table's references follow it.
/// A commit logs the file's record first, then confirms the new chunks at the chunk table, then tells the namespace; only then is it
/// acknowledged. The intent that all three happen stands in the namespace's state, whose open flag stays until the close has
/// arrived there: a namespace asks <see cref="SettleAsync"/> of every file that is open for longer than a lease lives.
/// </para>
/// <para>
/// Who dies. The writer: its lease runs out, the flushed length stands, chunks it never committed are collected by the chunk table.
/// This grain or its silo: the lease is forgotten, what was flushed is in the stream; the writer's next call is refused, and it resumes the
/// lease (<see cref="ResumeLeaseAsync"/>) with the chunks it has. For a lease time after its start a grain gives no other lease on a file that
/// was open, and settles none whose writer has not closed, so that the writer has the time to come back. Between record and confirmation:
/// settling confirms all chunks again (idempotent). The chunk table or the namespace: the commit fails as
/// <see cref="GofsError.Unavailable"/>, and asked again finishes what is left.
/// </para>
/// </summary>
[Reentrant]
internal sealed partial class FileGrain(EditLogServices services, NamespaceSettings settings, ChunkTokens tokens, TimeProvider time)
    : EditLogGrain<FileState, FileEvent>(services), IFileGrain, IFileControlGrain
{
    private readonly Dictionary<int, (WriterLeaseState Lease, LeaseId Name, Task<ChunkPlacement> Placing)> placing = [];
    private WriterLeaseState? lease;
    private DateTimeOffset startedAt;
    private int namespaceNumber;
    private InodeNumber inode;

    /// <inheritdoc/>
    protected override bool TakesEpochEagerly => false;

    /// <inheritdoc/>
    protected override int SnapshotEvery => 512;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <inheritdoc/>
    public async Task<ChunkPlacement> PlaceChunkAsync(LeaseId leaseId, int index, CancellationToken cancellation)
    {
        FileDecisions.CheckIndex(index);
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        var held = WriterLeaseState.Renew(lease, leaseId, Now, config.LeaseTime);
        var before = index * ChunkSizeOr(config);
        if (config.LimitsBytes && before > State.LengthBytes)
            await GrainFactory.GetGrain<INamespaceGrain>(name).ReserveLengthAsync(inode, before, cancellation);
        await KeepChunksAsync(held, config, cancellation);
        return await PlaceAsync(held, leaseId, index, config, cancellation);
    }

    /// <inheritdoc/>
    public async Task<ChunkPlacement> RecoverChunkAsync(RecoverChunk command, CancellationToken cancellation)
    {
        FileDecisions.CheckIndex(command.Index);
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        var held = WriterLeaseState.Renew(lease, command.LeaseId, Now, config.LeaseTime);
        if (held.Find(command.Index) is not { } known)
        {
            return command.Empty || held.IsSuspended(command.Index)
                ? await PlaceAsync(held, command.LeaseId, command.Index, config, cancellation)
                : throw new GofsException(GofsError.InvalidArgument, $"chunk {command.Index} is not placed under this lease");
        }

        if (known.Handle != command.Handle || known.Version > command.Version) return tokens.Give(known, ChunkRights.Read | ChunkRights.Write);
        if (command.Empty && held.IsNew(command.Index))
        {
            held.Forget(command.Index);
            return await PlaceAsync(held, command.LeaseId, command.Index, config, cancellation);
        }

        var now = await Table(known.Handle).RecoverAsync(
            known.Handle, command.Version, [.. known.Servers.Except(command.Without)], config.LeaseTime, cancellation);
        // The version may be one that was granted to a successor.
        await OwnedAsync(cancellation);
        CheckHeld(held, command.LeaseId);
        // Cut off meanwhile, it is the file's no more; and who asked at the same time may have been told a later version.
        if (held.Find(command.Index) is not { } still || still.Handle != known.Handle)
            throw new GofsException(GofsError.InvalidArgument, $"chunk {command.Index} is not placed under this lease any more");
        if (still.Version > now.Version) return tokens.Give(still, ChunkRights.Read | ChunkRights.Write);
        var placement = known with { Version = now.Version, Servers = now.Servers };
        held.Replace(placement);
        return tokens.Give(placement, ChunkRights.Read | ChunkRights.Write);
    }

    /// <inheritdoc/>
    public async Task CommitLengthAsync(CommitLength command, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        var openedAt = command.Close ? command.OpenedAt : 0;
        if (!FileDecisions.IsClosedAlready(State, command))
        {
            var held = WriterLeaseState.Renew(lease, command.LeaseId, Now, config.LeaseTime);
            FileDecisions.RequireKnown(State, held, command);
            await KeepChunksAsync(held, config, cancellation);
            await PrepareToGrowAsync(held, command.LeaseId, name, command.LengthBytes, config, cancellation);
            held = WriterLeaseState.Renew(lease, command.LeaseId, Now, config.LeaseTime);
            if (FileDecisions.Commit(State, held, command, ChunkSizeOr(config), Nanoseconds()) is { } committed) Raise(committed);
            if (command.Close) (lease, openedAt) = (null, openFlags.Close(openedAt));
            await DurableAsync(cancellation);
            held.Committed(command.NewChunks);
        }
        else await DurableAsync(cancellation);

        await ConfirmAsync([.. command.NewChunks.Select(chunk => chunk.Handle)], cancellation);
        await TellNamespaceAsync(name, command.Close, cancellation, openedAt);
    }

    /// <inheritdoc/>
    public async Task TruncateAsync(LeaseId leaseId, long lengthBytes, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        var held = WriterLeaseState.Renew(lease, leaseId, Now, config.LeaseTime);
        await PrepareToGrowAsync(held, leaseId, name, lengthBytes, config, cancellation);
        held = WriterLeaseState.Renew(lease, leaseId, Now, config.LeaseTime);
        var grows = lengthBytes > State.LengthBytes;
        if (FileDecisions.Truncate(State, leaseId, lengthBytes, ChunkSizeOr(config), Nanoseconds()) is { } truncated) Raise(truncated);
        held.ForgetFrom(State.Chunks.Count);
        // Whoever cuts has flushed: nothing past the length is to be kept, also when it was cut before and nobody heard of that.
        if (!grows) held.ForgetSuspended();
        // Bytes go when it is sure that they are the file's no more.
        await DurableAsync(cancellation);
        if (!grows) await CutTailAsync(held, leaseId, config, cancellation);
        await ReleaseChunksAsync(cancellation);
        if (State.LastWriter.IsOfSameHolder(leaseId)) await TellNamespaceAsync(name, closed: false, cancellation);
    }

    /// <inheritdoc/>
    public async Task<FileLayout> GetLayoutAsync(int firstIndex, int count, CancellationToken cancellation)
    {
        FileDecisions.CheckIndex(firstIndex);
        if (count is < 1 or > 1024) throw new GofsException(GofsError.InvalidArgument, $"a layout has 1 to 1,024 chunks, not {count}");
        var whole = await WholeFileAsync(cancellation);
        var (length, settled) = whole.Chunk == ChunkHandle.None ? await AppendedLengthAsync(cancellation) : (whole.LengthBytes, whole.LengthBytes);
        var chunkSize = whole.Chunk == ChunkHandle.None ? State.ChunkSizeBytes : whole.ChunkSizeBytes;
        if (chunkSize == 0) chunkSize = ChunkSizeOr((await settings.GetAsync(namespaceNumber, cancellation)).Config);
        ChunkHandle[] handles = [.. (whole.Chunk == ChunkHandle.None ? State.Chunks : [whole.Chunk]).Skip(firstIndex).Take(count)];
        // A new owner does not wait out a former one, as a namespace's does: starts are too many.
        await OwnedAsync(cancellation);
        Dictionary<ChunkHandle, ChunkLocation> located = [];
        await AtTablesAsync(handles, async (table, some) =>
        {
            foreach (var location in await table.LocateAsync(some, cancellation)) located[location.Handle] = location;
        });
        return new(length, chunkSize, [.. handles.Select((handle, i) => located.TryGetValue(handle, out var location)
            ? new ChunkPlacement(firstIndex + i, handle, location.Version, location.Servers) { Token = location.Token, Goal = location.Goal }
            : new(firstIndex + i, ChunkHandle.None, default, []))]) { SettledBytes = settled };
    }

    /// <inheritdoc/>
    public Task<SettledFile?> SettleAsync(CancellationToken cancellation) => SettleOpenAsync(openedAt: 0, cancellation);

    /// <inheritdoc/>
    public async Task<SettledFile?> SettleOpenAsync(long openedAt, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        if (lease is null ? !State.LastWriterClosed && MayBeHeld(config) : Now < lease.ExpiresAt) return null;
        if (appenders.IsAlive(Now)) return null;
        await KnowWholeAsync(name, config, cancellation);
        lease = null;
        var settled = await SettleNowAsync(config, cancellation);
        if (settled is not null) openFlags.Settle(openedAt);
        return settled;
    }

    // A file that was put whole has an empty stream: what it is the namespace knows.
    private async Task KnowWholeAsync(string name, NamespaceConfig config, CancellationToken cancellation)
    {
        if (Stream.EditLogNumber == 0)
            await TakeOverAsync(await GrainFactory.GetGrain<INamespaceControlGrain>(name).GetWholeFileAsync(inode, cancellation), config, cancellation);
    }

    private async Task<SettledFile?> SettleNowAsync(NamespaceConfig config, CancellationToken cancellation)
    {
        if (State.AppendIndex >= 0 && await TryEndAppendsAsync(config, cancellation) is null) return null;
        closedAt = Nanoseconds();
        await OwnedAsync(cancellation);
        await ConfirmAsync([.. State.Chunks], cancellation);
        await ReleaseChunksAsync(cancellation);
        await AllDurableAsync(cancellation);
        return lease is null && !appenders.IsAlive(Now)
            ? new(State.LengthBytes, State.ModifiedAt, State.LastWriterClosed) { EditLogNumber = Stream.EditLogNumber }
            : null;
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        using var change = await changes.EnterAsync(cancellation);
        await ReleaseAllAsync(cancellation);
    }

    private async Task ReleaseAllAsync(CancellationToken cancellation)
    {
        lease = null;
        appendTo = null;
        appenders.Clear();
        if (Stream.EditLogNumber > 0)
        {
            if (State.LengthBytes > 0 || State.Chunks.Count > 0) Raise(new FileTruncated(default, State.ChunkSizeBytes, 0, Nanoseconds()));
            await DurableAsync(cancellation);
            await ReleaseChunksAsync(cancellation);
        }

        await DeleteStreamAsync();
    }

    /// <inheritdoc/>
    protected override async ValueTask<StreamId> FindStreamAsync(CancellationToken cancellation)
    {
        (namespaceNumber, inode) = FileKey.Parse(this.GetPrimaryKeyString());
        await settings.GetAsync(namespaceNumber, cancellation);
        return StreamId.OfFile(namespaceNumber, inode);
    }

    // A file that was put whole has an empty stream. Its record is durable before anything is answered that makes the namespace let go of
    // the chunk; the reader's way of asking (below) logs nothing.
    private async Task TakeOverAsync(WholeFile whole, NamespaceConfig config, CancellationToken cancellation)
    {
        if (whole.Chunk == ChunkHandle.None || Stream.EditLogNumber > 0) return;
        Raise(new FileTakenOver(whole.ChunkSizeBytes, whole.Chunk, whole.LengthBytes, whole.ModifiedAt));
        await DurableAsync(cancellation);
        // The namespace tells the chunk table too, but perhaps not before this writer wants a new version of the chunk.
        await ConfirmAsync([whole.Chunk], cancellation);
    }

    private async Task<WholeFile> WholeFileAsync(CancellationToken cancellation)
    {
        if (Stream.EditLogNumber > 0) return default;
        var (name, _) = await settings.GetAsync(namespaceNumber, cancellation);
        var whole = await GrainFactory.GetGrain<INamespaceControlGrain>(name).GetWholeFileAsync(inode, cancellation);
        return Stream.EditLogNumber > 0 ? default : whole;
    }

    /// <inheritdoc/>
    protected override Task OnLoadedAsync(CancellationToken cancellation)
    {
        startedAt = Now;
        return Task.CompletedTask;
    }

    // A lease that this grain gave before it was started anew.
    private bool MayBeHeld(NamespaceConfig config) => !isBroken && Now < startedAt + config.LeaseTime;

    private long ChunkSizeOr(NamespaceConfig config) => State.ChunkSizeBytes > 0 ? State.ChunkSizeBytes : config.ChunkSizeBytes;

    private long Nanoseconds() => (Now - DateTimeOffset.UnixEpoch).Ticks * 100;

    private IChunkTableGrain Table(ChunkHandle handle) => GrainFactory.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(handle));

    private async Task<ChunkPlacement> PlaceAsync(
        WriterLeaseState held, LeaseId name, int index, NamespaceConfig config, CancellationToken cancellation)
    {
        // What was placed for a former lease is not this one's: its holder may have the version, and a cut for it may be under way. Nor what was asked for
        // under a former name of this one: the file may have been cut since.
        while (placing.TryGetValue(index, out var other) && (other.Lease != held || other.Name != name))
        {
            await ((Task)other.Placing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            EndPlacing(index, other.Placing);
        }

        CheckHeld(held, name);
        if (held.Find(index) is { } known) return tokens.Give(known, ChunkRights.Read | ChunkRights.Write);
        if (!placing.TryGetValue(index, out var own)) placing[index] = own = (held, name, PlaceNowAsync(held, name, index, config, cancellation));
        try
        {
            var placed = await own.Placing;
            CheckHeld(held, name);
            return tokens.Give(placed, ChunkRights.Read | ChunkRights.Write);
        }
        finally
        {
            EndPlacing(index, own.Placing);
        }
    }

    private void EndPlacing(int index, Task<ChunkPlacement> ended)
    {
        if (placing.TryGetValue(index, out var last) && last.Placing == ended) placing.Remove(index);
    }

    // Another may have got the file while this one waited for somebody; or its holder has given the lease another name, and asked again.
    private void CheckHeld(WriterLeaseState held, LeaseId name)
    {
        if (lease != held || held.Id != name)
            throw new GofsException(GofsError.LeaseExpired, "the writer lease has ended; what was not flushed is lost: open the file again");
    }

    private async Task<ChunkPlacement> PlaceNowAsync(
        WriterLeaseState held, LeaseId name, int index, NamespaceConfig config, CancellationToken cancellation)
    {
        var handle = State.ChunkAt(index);
        var isNew = handle == ChunkHandle.None;
        var tail = FileDecisions.TailToTrim(State);
        var cuts = tail?.Index == index && !held.IsSuspended(index);
        if (cuts) held.Cut(index);
        var location = isNew
            ? await GrainFactory.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(namespaceNumber, ShardOf(config)))
                .AllocateAsync(inode, await GoalAsync(cancellation), config.LeaseTime, cancellation)
            : cuts
                ? await OwnAndCutAsync(index, tail!.Value.KeepBytes, config, () => CheckHeld(held, name), cancellation)
                : await OwnAsync(index, config, cancellation);
        CheckHeld(held, name);
        var placement = new ChunkPlacement(index, location.Handle, location.Version, location.Servers);
        held.Place(placement, isNew);
        return placement;
    }

    // All chunks placed for a file share a shard, so that a layout is one call. The multiplier spreads neighbouring inodes.
    private int ShardOf(NamespaceConfig config) =>
        (int)(((ulong)inode.Value * 0x9E3779B97F4A7C15UL >> 33) % (ulong)config.ChunkTableShards);

    private async Task PrepareToGrowAsync(
        WriterLeaseState held, LeaseId leaseId, string name, long lengthBytes, NamespaceConfig config, CancellationToken cancellation)
    {
        if (lengthBytes <= State.LengthBytes) return;
        if (config.LimitsBytes) await GrainFactory.GetGrain<INamespaceGrain>(name).ReserveLengthAsync(inode, lengthBytes, cancellation);
        if (FileDecisions.TailToTrim(State) is { } tail && !held.IsSuspended(tail.Index)) await PlaceAsync(held, leaseId, tail.Index, config, cancellation);
    }

    // Before something is said of the file as of its last record. A record that is lost leaves its number to another, and what was said as of it would be
    // taken for newer than what is said as of that one.
    private async ValueTask AllDurableAsync(CancellationToken cancellation)
    {
        while (Stream.DurableNumber < Stream.EditLogNumber) await DurableAsync(cancellation);
    }

    private async Task TellNamespaceAsync(string name, bool closed, CancellationToken cancellation, long openedAt = 0)
    {
        await AllDurableAsync(cancellation);
        var flushed = new FileFlushed(inode, State.LengthBytes, State.ModifiedAt, closed) { OpenedAt = openedAt, EditLogNumber = Stream.EditLogNumber };
        if (closed) closedAt = Nanoseconds();
        try
        {
            await GrainFactory.GetGrain<INamespaceGrain>(name).FileFlushedAsync(flushed, cancellation);
        }
        catch (GofsException purged) when (purged.Error == GofsError.NotFound)
        {
            await ReleaseAllAsync(cancellation);
            throw;
        }
    }
}
