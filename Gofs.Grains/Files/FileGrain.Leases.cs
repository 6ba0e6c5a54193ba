using Gofs.Chunks;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Grains.Files;

/// <summary>
/// The writer's lease: given, taken up, kept; who has the file open, and how an operator takes it from them. A lease is not in the stream, and a writer whose
/// lease this grain does not know resumes it: so a broken one leaves a record behind, after which no earlier lease can be resumed.
/// </summary>
internal sealed partial class FileGrain
{
    // Since then this grain knows every lease that counts, however lately it started.
    private bool isBroken;

    /// <inheritdoc/>
    public async Task<WriterLease> AcquireLeaseAsync(AcquireLease command, CancellationToken cancellation)
    {
        try
        {
            return await GiveLeaseAsync(command, cancellation);
        }
        catch (GofsException refused) when (refused.Error == GofsError.LeaseHeld)
        {
            openFlags.Note(command.OpenedAt);
            throw;
        }
    }

    private async Task<WriterLease> GiveLeaseAsync(AcquireLease command, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        LearnGoal(command.Goal, command.OpenedAt);
        var prepared = await PrepareAsync(name, command.IsPrepared ? command.OpenedAt : 0, again: false, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        await TakeOverAsync(prepared, config, cancellation);
        if (command.WasOpen && lease is null && MayBeHeld(config))
            throw new GofsException(
                GofsError.LeaseHeld, $"another client may still have the file (its grain has just started); try again in {config.LeaseTime.TotalSeconds:0} s");
        if (State.AppendIndex >= 0 && (appendTo is not null || !MayBeHeld(config))) await TryEndAppendsAsync(config, cancellation);
        if (State.AppendIndex >= 0 || appenders.IsAlive(Now))
            throw new GofsException(GofsError.LeaseHeld, $"records are appended to the file; try again in {config.LeaseTime.TotalSeconds:0} s");
        if (State.LastWriter.IsOfSameHolder(command.LeaseId))
            throw new GofsException(GofsError.LeaseExpired, "the lease was given and used since this was asked");
        var held = lease = WriterLeaseState.Acquire(lease, command.LeaseId, Now, config.LeaseTime);
        held.Holder = Caller.Current;
        ChunkPlacement? tail = null;
        if (command.FirstChunk)
        {
            var chunkSize = ChunkSizeOr(config);
            var index = FileDecisions.IndexOf(State.LengthBytes, chunkSize);
            if (held.Find(index) is null && !held.IsSuspended(index) && FileDecisions.TailToTrim(State)?.Index == index) EndFormerLeases(config);
            if (index == 0 || State.ChunkAt(index) != ChunkHandle.None) tail = await PlaceAsync(held, held.Id, index, config, cancellation);
        }

        if (openFlags.Enter(command.OpenedAt) is { } flag) await RaiseFlagAsync(name, flag, cancellation);
        // A lease has no record: without one, only a check made now tells that this grain may still give it.
        await OwnedAsync(cancellation);
        await AllDurableAsync(cancellation);
        held.GrantedAt = Stream.EditLogNumber;
        return new(held.Id, config.LeaseTime, State.LengthBytes, ChunkSizeOr(config), tail) { EditLogNumber = held.GrantedAt };
    }

    private async Task RaiseFlagAsync(string name, long flag, CancellationToken cancellation)
    {
        try
        {
            await TellNamespaceAsync(name, closed: false, cancellation, flag);
        }
        catch
        {
            openFlags.Doubt(flag);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task ResumeLeaseAsync(ResumeLease command, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        var prepared = await PrepareAsync(name, openedAt: 0, again: true, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        await TakeOverAsync(prepared, config, cancellation);
        await OwnedAsync(cancellation);
        if (appenders.IsAlive(Now))
            throw new GofsException(GofsError.LeaseExpired, "the writer lease has ended and records are appended to the file since; what was not flushed is lost");
        lease = WriterLeaseState.Resume(lease, State, command, Stream.EditLogNumber, Now, config.LeaseTime);
        lease.Holder = Caller.Current;
        await KeepChunksAsync(lease, config, cancellation);
    }

    /// <inheritdoc/>
    public async Task RenewLeaseAsync(LeaseId leaseId, CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        if (appenders.TryRenew(leaseId, Now, config.LeaseTime)) await NoteAppendedAsync(name, config, cancellation);
        else await KeepChunksAsync(WriterLeaseState.Renew(lease, leaseId, Now, config.LeaseTime), config, cancellation);
    }

    /// <inheritdoc/>
    public Task<FileLeases> GetLeasesAsync(CancellationToken cancellation)
    {
        var (appending, count) = appenders.Living(FileLeases.Most, Now);
        if (count > 0) return Task.FromResult(new FileLeases(appending, count, IsAppend: true, appendTo is null ? [] : [appendTo]));
        return Task.FromResult(lease is { } held && Now < held.ExpiresAt
            ? new FileLeases([new(held.Id, held.Holder, held.ExpiresAt - Now)], 1, IsAppend: false, [.. held.Placed.TakeLast(FileLeases.Most)])
            : new FileLeases([], 0, State.AppendIndex >= 0, []));
    }

    /// <inheritdoc/>
    public async Task<SettledFile?> BreakLeaseAsync(CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        await KnowWholeAsync(name, config, cancellation);
        lease = null;
        appenders.Clear();
        if (State.AppendIndex < 0) EndFormerLeases(config);
        var settled = await SettleNowAsync(config, cancellation);
        isBroken |= settled is not null;
        return settled;
    }
}
