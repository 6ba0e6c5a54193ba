using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Files;

/// <summary>
/// Clones (GFS §3.4), as files see them. The namespace makes a clone in one record and gives it a chunk list later: then this grain, the origin's,
/// hands its list to the clones' grains, which log it as theirs and tell the chunk tables that they share the chunks. Only a chunk that is
/// written to is copied, when it is placed for the writer (<see cref="OwnAsync"/>).
/// <para>
/// Between the clone and the handing over the origin must not change. A file that was closed does not: whoever wants a lease has the namespace settle
/// the clones first (<see cref="PrepareAsync"/>). A file that was open is changed meanwhile, so its clone is of the moment of the handing over, before
/// which the clone is not acknowledged; then nothing of it changes (<see cref="ChangeGate"/>), what its writer may write to has taken a new
/// version, and his next write to it goes to a copy.
/// </para>
/// <para>
/// Who dies. The clone's grain, or its silo, at any point: its list is logged or not, and the handing over is asked for again; a list that is logged
/// stands. This grain, or a chunk table that does not answer: the leases are forgotten, as by a restart, so that nothing changes before the
/// namespace has asked again; their holders resume them. The namespace: what is not settled stands in its state.
/// </para>
/// </summary>
internal sealed partial class FileGrain
{
    private const int FencesAtOnce = 16;
    private readonly ChangeGate changes = new(time);
    private int failedShares;

    /// <summary>When this activation last told the namespace that the file is closed; nanoseconds since 1970 UTC.</summary>
    private long closedAt;

    /// <inheritdoc/>
    public async Task<SettledClone[]> ShareAsync(ShareFile command, CancellationToken cancellation)
    {
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        await changes.CloseAsync(cancellation);
        var isDone = false;
        try
        {
            var bytes = Stream.EditLogNumber == 0 ? Of(command.Whole) : await HoldStillAsync(command.WasOpen, config, cancellation);
            await OwnedAsync(cancellation);
            var settled = await Task.WhenAll(command.Clones.Select(clone =>
                GrainFactory.GetGrain<IFileControlGrain>(FileKey.Of(namespaceNumber, new(clone))).TakeCloneAsync(inode, bytes, cancellation)));
            isDone = true;
            return settled;
        }
        finally
        {
            if (!isDone) ForgetLeases();
            changes.Open();
        }
    }

    /// <inheritdoc/>
    public async Task<SettledClone> TakeCloneAsync(InodeNumber origin, ClonedBytes bytes, CancellationToken cancellation)
    {
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        if (Stream.EditLogNumber == 0)
            Raise(new FileCloned(origin.Value, bytes.ChunkSizeBytes, bytes.LengthBytes, bytes.ModifiedAt, bytes.Chunks));
        await DurableAsync(cancellation);
        ChunkHandle[] chunks = [.. State.Chunks];
        await ConfirmAsync(chunks, cancellation);
        await AtTablesAsync(chunks, (_, some) => Control(some[0]).ShareAsync(
            [.. some.Select(chunk => new ChunkShare(chunk, origin.Value, inode.Value))], cancellation));
        return new(inode.Value, State.LengthBytes, State.ModifiedAt);
    }

    /// <summary>
    /// Before a lease is given or taken up, and before the gate is passed: the namespace may want to share this file first. It is not asked when it has said
    /// that there is nothing to do as it opened the file a moment ago: what is cloned since then knows that the file is open.
    /// </summary>
    private async Task<(WholeFile Whole, int FailedShares)> PrepareAsync(string name, long openedAt, bool again, CancellationToken cancellation)
    {
        var failed = failedShares;
        if (OpenDecisions.IsStillOpen(openedAt, Nanoseconds(), Math.Max(closedAt, State.LastWriterClosed ? State.ModifiedAt : 0))) return (default, failed);
        return (await GrainFactory.GetGrain<INamespaceControlGrain>(name).PrepareToWriteAsync(inode, again, cancellation), failed);
    }

    /// <summary>Past the gate: a share that failed meanwhile comes first.</summary>
    private async Task TakeOverAsync((WholeFile Whole, int FailedShares) prepared, NamespaceConfig config, CancellationToken cancellation)
    {
        if (prepared.FailedShares != failedShares)
            throw new GofsException(GofsError.Unavailable, "the file's clones could not be given their chunk lists; try again", inode.ToString());
        await TakeOverAsync(prepared.Whole, config, cancellation);
    }

    /// <summary>
    /// The chunk at an index, which the file has, to be written to by this file alone: itself under a new version, or where others refer to it a copy,
    /// which the file has from now on.
    /// </summary>
    private async Task<ChunkLocation> OwnAsync(int index, NamespaceConfig config, CancellationToken cancellation)
    {
        var handle = State.ChunkAt(index);
        var location = await GrantOwnAsync(handle, config, cancellation);
        if (location.Handle == handle) return location;
        if (State.ChunkAt(index) != handle)
            throw new GofsException(GofsError.Unavailable, "the file was changed while its chunk was copied; try again", handle.ToString());
        Raise(new ChunkCopied(index, location.Handle));
        await DurableAsync(cancellation);
        await ConfirmAsync([location.Handle], cancellation);
        await ReleaseChunksAsync(cancellation);
        return location;
    }

    private async Task<ChunkLocation> GrantOwnAsync(ChunkHandle handle, NamespaceConfig config, CancellationToken cancellation)
    {
        try
        {
            return await Control(handle).GrantOwnAsync(handle, inode, cancellation);
        }
        catch (GofsException unknown) when (unknown.Error == GofsError.ChunkNotFound)
        {
            // A successor may have let go of it, or a copy that was asked for before. Else it was logged before the table was told: that may not have come to
            // its end.
            await OwnedAsync(cancellation);
            if (!State.Chunks.Contains(handle))
                throw new GofsException(GofsError.Unavailable, "the file has another chunk there by now; try again", handle.ToString());
            await ConfirmAsync([handle], cancellation);
            return await Control(handle).GrantOwnAsync(handle, inode, cancellation);
        }
    }

    /// <summary>The gate is closed: makes sure that no writer's right to write reaches the file's chunks, and answers what it is then.</summary>
    private async Task<ClonedBytes> HoldStillAsync(bool wasOpen, NamespaceConfig config, CancellationToken cancellation)
    {
        await ConfirmAsync([.. State.Chunks], cancellation);
        await NoteAppendsAsync(cancellation);
        // A writer whose lease this activation did not give itself may write to any of them.
        var isAnybodys = lease is null ? wasOpen && MayBeHeld(config) : lease.IsResumed;
        int[] open = [.. (isAnybodys ? Enumerable.Range(0, State.Chunks.Count) : lease?.Written ?? [])
            .Where(index => State.ChunkAt(index) != ChunkHandle.None)];
        foreach (var some in open.Chunk(FencesAtOnce))
            await Task.WhenAll(some.Select(index => Table(State.ChunkAt(index)).GrantVersionAsync(State.ChunkAt(index), cancellation)));
        foreach (var index in open) lease?.Suspend(index);
        await DurableAsync(cancellation);
        return new(ChunkSizeOr(config), State.LengthBytes, State.ModifiedAt, [.. State.Chunks]);
    }

    // Who appends is sent to a copy next.
    private async Task NoteAppendsAsync(CancellationToken cancellation)
    {
        await appendGate.WaitAsync(cancellation);
        try
        {
            if (State.AppendIndex < 0) return;
            appendTo = null;
            var index = State.AppendIndex;
            var (_, bytes) = await RegrantAsync(State.ChunkAt(index), cancellation);
            if (AppendDecisions.Appended(State, (index * State.ChunkSizeBytes) + bytes, ended: false, Nanoseconds()) is { } appended) Raise(appended);
        }
        finally
        {
            appendGate.Release();
        }
    }

    private void ForgetLeases()
    {
        failedShares++;
        lease = null;
        appendTo = null;
        appenders.Clear();
    }

    private static ClonedBytes Of(WholeFile whole) =>
        new(whole.ChunkSizeBytes, whole.LengthBytes, whole.ModifiedAt, whole.Chunk == ChunkHandle.None ? [] : [whole.Chunk]);

    private IChunkTableControlGrain Control(ChunkHandle handle) => GrainFactory.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(handle));
}
