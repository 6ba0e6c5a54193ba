using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Scrub's reads. They go through a file handle of their own, so that a name that is gone is noticed, and leave the page cache as they found it. Whatever
/// looks damaged is looked at again in the chunk's turn, when nobody changes it.
/// <para>
/// A file that was cut is given its length again: what is missing is then a bad checksum block like any other, and is repaired like one; nothing that
/// is right is thrown away for it. Only a replica without a file, or whose head or slots are gone, is damaged as a whole.
/// </para>
/// </summary>
internal sealed partial class ChunkStore : IScrubbedReplicas
{
    private const int BlocksAtOnce = LargeBuffers.MostBytes / BlockBytes;
    private readonly KnownDamages<DamagedReplica> damagedReplicas = new();

    /// <inheritdoc/>
    public int KnownDamages => bad.Count + damagedReplicas.Count;

    /// <inheritdoc/>
    public IReadOnlyList<ReplicaReport> ListReplicas() => index.All();

    /// <inheritdoc/>
    public IReadOnlyList<DamagedReplica> GetDamagedReplicas()
    {
        // One with another version is found anew by the next pass.
        foreach (var one in damagedReplicas.All())
        {
            if (!index.TryGet(one.Handle, out var place) || place.Version != one.Version) damagedReplicas.Remove(one);
        }

        return damagedReplicas.All();
    }

    /// <inheritdoc/>
    public async Task<ReplicaScrub> ScrubAsync(ChunkHandle handle, ScrubPacing pacing, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        await pacing(0, cancellation);
        var chunk = open.Take(handle);
        var wasOpen = chunk.IsOpen;
        try
        {
            var (looked, found, repaired) = await LookInTurnAsync(chunk, cancellation);
            if (looked.Passing is not { } passing) return new(0, found, repaired);
            using (passing)
            {
                var (bytes, bad) = await ReadAllAsync(chunk, looked.File!, passing, pacing, cancellation);
                return new(bytes, found + bad, repaired);
            }
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw index.TryGet(handle, out var place) ? Failed(place.Disk, broken, handle) : chunk.NotFound();
        }
        finally
        {
            chunk.Release(closesNext: !wasOpen);
        }
    }

    /// <inheritdoc/>
    public Task<bool> GiveUpAsync(DamagedReplica damaged, CancellationToken cancellation) =>
        GiveUpAsync(damaged.Handle, damaged.Version, () => damagedReplicas.Remove(damaged), (chunk, place) =>
        {
            var looked = Look(chunk, place);
            looked.Passing?.Dispose();
            return looked.Damage != ReplicaDamage.None;
        }, cancellation);

    /// <inheritdoc/>
    public Task<bool> GiveUpAsync(BadChecksumBlock bad, CancellationToken cancellation) =>
        GiveUpAsync(
            bad.Handle, bad.Version, () => this.bad.Remove(bad), (chunk, _) => FileOf(chunk).IsBad((int)(bad.OffsetBytes / BlockBytes)), cancellation);

    // In a turn, so that it is damaged still when it goes.
    private async Task<bool> GiveUpAsync(
        ChunkHandle handle, ChunkVersion version, Action forget, Func<OpenChunk, ChunkPlace, bool> isDamaged, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        var chunk = open.Take(handle);
        try
        {
            await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
            try
            {
                forget();
                if (!IsHere(chunk, out var place) || place.Version != version || !isDamaged(chunk, place)) return false;
                await place.Disk.Journal.DeleteAsync(chunk.Handle);
                SetAside(chunk, place.Disk);
                return true;
            }
            catch (IOException broken) when (broken is not GofsException)
            {
                throw index.TryGet(chunk.Handle, out var place) ? Failed(place.Disk, broken, chunk.Handle) : chunk.NotFound();
            }
            finally
            {
                chunk.Turn.GiveUp();
            }
        }
        finally
        {
            chunk.Release();
        }
    }

    /// <inheritdoc/>
    public ScrubPass? LoadPass() => disks.Where(disk => disk.Fault is null).Select(disk => ScrubFile.Read(disk.Files)).OfType<ScrubPass>()
        .MaxBy(pass => (pass.Number, pass.Position));

    /// <inheritdoc/>
    public void KeepPass(ScrubPass pass)
    {
        foreach (var disk in disks.Where(disk => disk.Fault is null))
        {
            try
            {
                ScrubFile.Write(disk.Files, pass);
            }
            catch (IOException full) when (LibC.IsNoSpace(full) || LibC.IsTooManyOpen(full))
            {
                // Another disk has it, or some is read again after a restart.
            }
            catch (IOException broken)
            {
                disk.Fail(broken);
            }
        }
    }

    private bool IsHere(OpenChunk chunk, out ChunkPlace place) =>
        index.TryGet(chunk.Handle, out place) && !chunk.IsDeleted && place.Disk.Fault is null;

    private async Task<(Looked Looked, int Found, int Repaired)> LookInTurnAsync(OpenChunk chunk, CancellationToken cancellation)
    {
        await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
        try
        {
            if (!IsHere(chunk, out var place)) return default;
            var looked = Look(chunk, place);
            if (looked.Damage != ReplicaDamage.None)
            {
                NoteDamaged(new(chunk.Handle, place.Version, place.LengthBytes, looked.Damage), place.Disk);
                return (looked, 1, 0);
            }

            if (looked.Passing is null) return (looked, 0, 0);
            try
            {
                var slots = looked.File!.RestoreSlots(looked.Passing);
                if (await looked.File.RestoreLengthAsync()) LogCut(logger, chunk.Handle, place.Disk.Folder);
                return (looked, slots, slots);
            }
            catch
            {
                looked.Passing.Dispose();
                throw;
            }
        }
        finally
        {
            chunk.Turn.GiveUp();
        }
    }

    // In a turn. One that is only being made has neither damage nor a file to read.
    private Looked Look(OpenChunk chunk, ChunkPlace place)
    {
        IDiskFile? passing = null;
        try
        {
            if (chunk.IsOpen && chunk.File(index).IsNew) return default;
            passing = place.Disk.Files.Open(Disk.FileOf(chunk.Handle), DiskOpen.Passing);
            var version = chunk.IsOpen ? chunk.File(index).Head.Version : place.Version;
            var file = ChunkFile.HasHead(passing, chunk.Handle, version) ? chunk.File(index) : null;
            if (file is null || (file.Length > 0 && passing.Length < file.Head.DataOffset)) return Damaged(passing, ReplicaDamage.WrongHead);
            return new(ReplicaDamage.None, file, passing);
        }
        catch (FileNotFoundException) when (DiskIdentity.IsThere(place.Disk.Files))
        {
            return Damaged(passing, ReplicaDamage.Missing);
        }
        catch (GofsException damaged) when (damaged.Error == GofsError.Corrupt)
        {
            return Damaged(passing, ReplicaDamage.WrongHead);
        }
        catch (IOException unread) when (LibC.IsUnreadable(unread))
        {
            return Damaged(passing, ReplicaDamage.Unreadable);
        }
        catch
        {
            passing?.Dispose();
            throw;
        }
    }

    private static Looked Damaged(IDiskFile? passing, ReplicaDamage damage)
    {
        passing?.Dispose();
        return new(damage, null, null);
    }

    private async Task<(long Bytes, int Bad)> ReadAllAsync(
        OpenChunk chunk, ChunkFile file, IDiskFile passing, ScrubPacing pacing, CancellationToken cancellation)
    {
        var (bytes, found) = (0L, 0);
        var buffer = LargeBuffers.Shared.Rent(LargeBuffers.MostBytes);
        try
        {
            for (var first = 0; file.BytesOf(first, BlocksAtOnce) is var length and > 0; first += BlocksAtOnce)
            {
                await pacing(length, cancellation);
                if (!IsHere(chunk, out _)) break;
                foreach (var suspect in file.FindSuspects(passing, first, BlocksAtOnce, buffer))
                    found += await IsBadInTurnAsync(chunk, file, passing, suspect, cancellation) ? 1 : 0;
                bytes += length;
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(buffer);
        }

        return (bytes, found);
    }

    private async Task<bool> IsBadInTurnAsync(OpenChunk chunk, ChunkFile file, IDiskFile passing, int index, CancellationToken cancellation)
    {
        await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
        try
        {
            if (!IsHere(chunk, out _) || file.IsRight(passing, index)) return false;
            NoteBad(file, index);
            return true;
        }
        finally
        {
            chunk.Turn.GiveUp();
        }
    }

    private void NoteDamaged(DamagedReplica damaged, Disk disk)
    {
        if (damagedReplicas.Add(damaged)) LogDamaged(logger, damaged.Handle, disk.Folder, damaged.Damage);
    }

    private void SetAside(OpenChunk chunk, Disk disk)
    {
        chunk.IsDeleted = true;
        lost.TryAdd(chunk.Handle, default);
        if (index.Remove(chunk.Handle) is not null) disk.CountChunks(-1);
        EndShares();
        open.Forget(chunk);
        var to = disk.Files.Exists(Disk.FileOf(chunk.Handle)) ? disk.GiveUp(chunk.Handle) : "nowhere: there is none";
        LogSetAside(logger, chunk.Handle, to);
    }

    [LoggerMessage(3005, LogLevel.Warning, "The replica of chunk {Handle} on {Folder} is damaged as a whole: {Damage}")]
    private static partial void LogDamaged(ILogger logger, ChunkHandle handle, string folder, ReplicaDamage damage);

    [LoggerMessage(3006, LogLevel.Warning, "The file of chunk {Handle} on {Folder} was cut: what is missing is repaired like any bad checksum block")]
    private static partial void LogCut(ILogger logger, ChunkHandle handle, string folder);

    [LoggerMessage(3007, LogLevel.Warning, "The file of chunk {Handle} was given up and moved to {Quarantine}")]
    private static partial void LogSetAside(ILogger logger, ChunkHandle handle, string quarantine);

    /// <summary>What a look at a replica found: a damage, or its file and a handle to read it with, or nothing to read.</summary>
    private readonly record struct Looked(ReplicaDamage Damage, ChunkFile? File, IDiskFile? Passing);
}
