using System.Diagnostics.CodeAnalysis;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Transport;
using Orleans.Runtime;

namespace Gofs.Grains.Files;

/// <summary>
/// Record append (GFS §3.3), as the file sees it: which chunk records go to, on which servers and under which version. Where in the chunk a record
/// lands is the primary's business, the first of those servers.
/// <para>
/// One primary for each version: a placement is given to all who append, and it is made anew, under a new version, when this grain starts, when an append
/// has failed and when the chunk is full. Then the replicas are made equal: all are cut to the shortest, which has all that was
/// acknowledged (<see cref="AppendDecisions.Agree"/>), and who held the former version can append nothing more. No other activation is told that version: what
/// a former one cuts can't be what was appended since.
/// </para>
/// <para>
/// How long the file is its replicas know, not this stream: which chunk is appended to is logged before its first record, so whoever looks
/// after a crash asks them. The length is logged when a chunk is full, at renewals of the leases and when the last who appended has left or was not heard
/// of for a lease time.
/// </para>
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Grains are not disposed of; this semaphore holds nothing to dispose of.")]
internal sealed partial class FileGrain
{
    private const int MostRounds = 4;
    private static readonly TimeSpan ServerPatience = TimeSpan.FromSeconds(1.5);
    private readonly AppendLeases appenders = new();
    private readonly OpenFlags openFlags = new();

    /// <summary>Held while it is changed where records go. Who waits for it waits for servers that may hang, each for a bounded time.</summary>
    private readonly SemaphoreSlim appendGate = new(1, 1);

    /// <summary>Where records go; null until this activation has decided it.</summary>
    private ChunkPlacement? appendTo;
    private DateTimeOffset lengthLoggedAt;

    /// <summary>Up to where in the file every replica was seen to have what is appended. Files that are appended to only grow.</summary>
    private long settledBytes;

    /// <inheritdoc/>
    public async Task<AppendLease> JoinAppendAsync(JoinAppend command, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        LearnGoal(command.Goal, command.OpenedAt);
        var prepared = await PrepareAsync(name, command.IsPrepared ? command.OpenedAt : 0, again: false, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        await TakeOverAsync(prepared, config, cancellation);
        await appendGate.WaitAsync(cancellation);
        try
        {
            if (lease is not null && Now < lease.ExpiresAt)
                throw new GofsException(GofsError.LeaseHeld, $"somebody writes the file; try again in {(lease.ExpiresAt - Now).TotalSeconds:0} s");
            if (State.AppendIndex < 0 && command.WasOpen && lease is null && !State.LastWriterClosed && MayBeHeld(config))
                throw new GofsException(
                    GofsError.LeaseHeld, $"another client may still have the file (its grain has just started); try again in {config.LeaseTime.TotalSeconds:0} s");
            lease = null;
            appenders.Join(command.LeaseId, Now, config.LeaseTime, Caller.Current);
            var raised = openFlags.Enter(command.OpenedAt);
            var chunk = await AppendToAsync(name, config, cancellation);
            if (raised is { } flag) await RaiseFlagAsync(name, flag, cancellation);
            await OwnedAsync(cancellation);
            return new(command.LeaseId, config.LeaseTime, State.ChunkSizeBytes, tokens.Give(chunk, ChunkRights.Read | ChunkRights.Write));
        }
        catch (GofsException refused) when (refused.Error == GofsError.LeaseHeld)
        {
            openFlags.Note(command.OpenedAt);
            throw;
        }
        finally
        {
            appendGate.Release();
        }
    }

    /// <inheritdoc/>
    public Task<ChunkPlacement> NextAppendChunkAsync(LeaseId leaseId, int after, CancellationToken cancellation) =>
        ChangeAppendAsync(leaseId, async (name, config) =>
        {
            var chunk = await AppendToAsync(name, config, cancellation);
            if (chunk.Index > after) return chunk;
            // Nothing more goes to this one: whoever appends under its former version is refused.
            appendTo = null;
            await RegrantAsync(chunk.Handle, cancellation);
            return await OpenAppendChunkAsync(chunk.Index + 1, name, config, cancellation);
        }, cancellation);

    /// <inheritdoc/>
    public Task<ChunkPlacement> RecoverAppendAsync(RecoverAppend command, CancellationToken cancellation) =>
        ChangeAppendAsync(command.LeaseId, async (name, config) =>
        {
            var chunk = await AppendToAsync(name, config, cancellation);
            if (chunk.Index != command.Index || chunk.Version > command.Version) return chunk;
            var acknowledged = Math.Max(command.AcknowledgedBytes, LoggedBytes(chunk.Index));
            var now = await Control(chunk.Handle).RecoverOwnAsync(
                chunk.Handle, chunk.Version, [.. chunk.Servers.Except(command.Without)], config.LeaseTime, cancellation);
            (now, _) = await EqualizeAsync(now, acknowledged, config, cancellation);
            return appendTo = new(chunk.Index, now.Handle, now.Version, now.Servers);
        }, cancellation);

    /// <inheritdoc/>
    public async Task LeaveAppendAsync(LeaseId leaseId, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        // Whose open flag ends is known of those who joined here: who joined before this grain started joins again, to leave.
        if (!appenders.Leave(leaseId) && State.AppendIndex >= 0)
            throw new GofsException(GofsError.LeaseExpired, "the append lease is not known here: open the file again");
        if (appenders.IsAlive(Now) || State.AppendIndex < 0) return;
        if (await TryEndAppendsAsync(config, cancellation) is { } openedAt) await TellNamespaceAsync(name, closed: true, cancellation, openedAt);
    }

    private async Task<ChunkPlacement> ChangeAppendAsync(
        LeaseId leaseId, Func<string, NamespaceConfig, Task<ChunkPlacement>> change, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var passed = await changes.EnterAsync(cancellation);
        appenders.Renew(leaseId, Now, config.LeaseTime);
        await appendGate.WaitAsync(cancellation);
        try
        {
            var chunk = await change(name, config);
            // A grain that has a successor must not send anybody to a chunk that is at its end there.
            await OwnedAsync(cancellation);
            return tokens.Give(chunk, ChunkRights.Read | ChunkRights.Write);
        }
        finally
        {
            appendGate.Release();
        }
    }

    /// <summary>A lease is renewed: now and then the length is logged, so that listings show it.</summary>
    private async Task NoteAppendedAsync(string name, NamespaceConfig config, CancellationToken cancellation)
    {
        if (State.AppendIndex < 0 || Now - lengthLoggedAt < config.LeaseTime / 6) return;
        lengthLoggedAt = Now;
        // No more than every replica has: those that answer may be ones that were left out meanwhile, and the others are shorter.
        var (_, settled) = await AppendedLengthAsync(cancellation);
        if (State.AppendIndex < 0 || AppendDecisions.Appended(State, settled, ended: false, Nanoseconds()) is not { } appended) return;
        Raise(appended);
        await DurableAsync(cancellation);
        await TellNamespaceAsync(name, closed: false, cancellation);
    }

    // The gate is held.
    private async ValueTask<ChunkPlacement> AppendToAsync(string name, NamespaceConfig config, CancellationToken cancellation)
    {
        if (appendTo is not null) return appendTo;
        if (State.AppendIndex < 0)
        {
            // It may have been cut since it was last appended to.
            settledBytes = 0;
            return await OpenAppendChunkAsync(FileDecisions.IndexOf(State.LengthBytes, ChunkSizeOr(config)), name, config, cancellation);
        }

        var index = State.AppendIndex;
        await ConfirmAsync([State.ChunkAt(index)], cancellation);
        var (location, _) = await EqualizeAsync(await OwnAsync(index, config, cancellation), LoggedBytes(index), config, cancellation);
        return appendTo = new(index, location.Handle, location.Version, location.Servers);
    }

    private async Task<ChunkPlacement> OpenAppendChunkAsync(int index, string name, NamespaceConfig config, CancellationToken cancellation)
    {
        FileDecisions.CheckIndex(index);
        var chunkSize = ChunkSizeOr(config);
        var length = Math.Max(State.LengthBytes, index * chunkSize);
        if (config.LimitsBytes && length > State.LengthBytes)
            await GrainFactory.GetGrain<INamespaceGrain>(name).ReserveLengthAsync(inode, length, cancellation);
        var handle = State.ChunkAt(index);
        if (handle != ChunkHandle.None && State.AppendIndex < 0) EndFormerLeases(config);
        var location = handle == ChunkHandle.None
            ? await CreateChunkAsync(chunkSize, config, cancellation)
            : (await EqualizeAsync(await OwnAndCutAsync(index, length % chunkSize, config, check: null, cancellation), 0, config, cancellation)).Location;
        var modifiedAt = length == State.LengthBytes && State.ModifiedAt > 0 ? State.ModifiedAt : Nanoseconds();
        Raise(new AppendChunkOpened(chunkSize, index, location.Handle, length, modifiedAt));
        await DurableAsync(cancellation);
        await ConfirmAsync([location.Handle], cancellation);
        await TellNamespaceAsync(name, closed: false, cancellation);
        return appendTo = new(index, location.Handle, location.Version, location.Servers);
    }

    // A chunk that is only allocated is nowhere until it is written, and the next who looks for it would find no replica: it is made at once.
    private async Task<ChunkLocation> CreateChunkAsync(long chunkSize, NamespaceConfig config, CancellationToken cancellation)
    {
        var table = GrainFactory.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(namespaceNumber, ShardOf(config)));
        var location = await table.AllocateAsync(inode, await GoalAsync(cancellation), config.LeaseTime, cancellation);
        var made = await EachAsync(location.Servers, async server =>
        {
            await server.CreateAsync(location.Handle, chunkSize, cancellation);
            return 0L;
        });
        ServerId[] holders = [.. location.Servers.Where((_, i) => made[i] is not null)];
        if (holders.Length == location.Servers.Length) return location;
        if (holders.Length == 0) throw new GofsException(GofsError.ChunkUnavailable, "no chunk server makes the chunk", location.Handle.ToString());
        return await table.RecoverAsync(location.Handle, location.Version, holders, config.LeaseTime, cancellation);
    }

    /// <summary>A new version for the chunk that is appended to, on equal replicas; answers how long they are.</summary>
    private async Task<(ChunkLocation Location, long LengthBytes)> RegrantAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        // It was logged before the table was told: that may not have come to its end.
        await ConfirmAsync([handle], cancellation);
        var location = await Table(handle).GrantVersionAsync(handle, cancellation);
        return await EqualizeAsync(location, LoggedBytes(State.AppendIndex), config, cancellation);
    }

    private long LoggedBytes(int index) => Math.Max(0, State.LengthBytes - (index * State.ChunkSizeBytes));

    private async Task<(ChunkLocation Location, long LengthBytes)> EqualizeAsync(
        ChunkLocation location, long acknowledged, NamespaceConfig config, CancellationToken cancellation)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var lengths = await EachAsync(location.Servers, server => server.GetLengthAsync(location.Handle, location.Version, cancellation));
            var (good, length) = AppendDecisions.Agree(location.Servers, lengths, acknowledged);
            var cut = await EachAsync(good, async server =>
            {
                await server.TruncateAsync(location.Handle, location.Version, length, cancellation);
                return length;
            });
            good = [.. good.Where((_, i) => cut[i] is not null)];
            if (good.Length == location.Servers.Length && Array.TrueForAll(lengths, one => one == length)) return (location, length);
            // Under this version somebody may have read what was cut: what is appended in its place has another. When no replica has this version any more
            // the chunk was healed meanwhile, and the table knows of another already.
            location = await Control(location.Handle).RecoverOwnAsync(location.Handle, location.Version, good, config.LeaseTime, cancellation);
        }

        throw new GofsException(GofsError.ChunkUnavailable, "its replicas can't be made equal now", location.Handle.ToString());
    }

    /// <summary>Ends record append: nobody has a lease any more. Answers the open flag that ends with it; null: somebody has joined meanwhile.</summary>
    private async Task<long?> TryEndAppendsAsync(NamespaceConfig config, CancellationToken cancellation)
    {
        await appendGate.WaitAsync(cancellation);
        try
        {
            if (State.AppendIndex < 0) return 0;
            if (appenders.IsAlive(Now)) return null;
            appendTo = null;
            var index = State.AppendIndex;
            var (_, bytes) = await RegrantAsync(State.ChunkAt(index), cancellation);
            Raise(AppendDecisions.Appended(State, (index * State.ChunkSizeBytes) + bytes, ended: true, Nanoseconds())!);
            await DurableAsync(cancellation);
            return openFlags.Close();
        }
        finally
        {
            appendGate.Release();
        }
    }

    /// <summary>
    /// The length, with what is appended: what all replicas that answer have, and so all that was acknowledged. Settled of it is what every replica is
    /// known to have: no cut takes that away. One that is silent may have less; if it comes back before it is left out, the others are cut to it.
    /// </summary>
    private async Task<(long LengthBytes, long SettledBytes)> AppendedLengthAsync(CancellationToken cancellation)
    {
        for (var round = 0; ; round++)
        {
            var index = State.AppendIndex;
            if (index < 0) return (State.LengthBytes, State.LengthBytes);
            var handle = State.ChunkAt(index);
            // The table may have moved on, because a replica was made anew: this grain hears of it with the next append that fails.
            var known = round == 0 ? appendTo : null;
            var place = known is null ? (await Table(handle).LocateAsync([handle], cancellation))[0] : new(handle, known.Version, known.Servers, Known: true);
            var lengths = await EachAsync(place.Servers, server => server.GetLengthAsync(handle, place.Version, cancellation));
            if (AppendDecisions.Length(State.LengthBytes, index * State.ChunkSizeBytes, lengths) is { } length)
            {
                if (known is not null && !lengths.Contains(null)) settledBytes = Math.Max(settledBytes, length);
                return (length, Math.Clamp(settledBytes, State.LengthBytes, length));
            }

            if (round == MostRounds) throw new GofsException(GofsError.ChunkUnavailable, "no chunk server says how long the file is", handle.ToString());
            if (known is null) await Task.Delay(ServerPatience / MostRounds, time, cancellation);
        }
    }

    /// <summary>Asks servers at the same time; null for those that fail or do not answer in time.</summary>
    private Task<long?[]> EachAsync(ServerId[] servers, Func<IChunkServerGrain, Task<long>> call) => Task.WhenAll(servers.Select(async server =>
    {
        try
        {
            return await call(GrainFactory.GetGrain<IChunkServerGrain>(server.Value)).WaitAsync(ServerPatience, time);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            // Who is left out by the others' answers says the caller.
            return default(long?);
        }
    }));
}
