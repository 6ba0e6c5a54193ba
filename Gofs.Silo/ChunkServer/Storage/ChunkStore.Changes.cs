using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>What changes a chunk, in its turn, and what becomes of it when that fails or takes too long.</summary>
internal sealed partial class ChunkStore
{
    private async ValueTask WriteAsync(
        OpenChunk chunk, PlacedWrite write, ReadOnlyMemory<byte> data, ReadOnlyMemory<uint> crcs, CancellationToken cancellation)
    {
        var offset = write.OffsetBytes;
        await BoundUnflushedAsync();
        // A disk that is out of service says so at once.
        var file = FileIfThere(chunk);
        await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
        var isMyTurn = true;
        try
        {
            if (chunk.IsDeleted) throw chunk.NotFound();
            file ??= FileOrNew(chunk, write.Version, write.ChunkSizeBytes, write.LeastLengthBytes, offset + data.Length);
            CheckVersion(file, write.Version);
            CheckHasAll(file, write.LeastLengthBytes);
            if (write.OnlyAtEnd && file.Length != offset)
                throw new GofsException(GofsError.ReplicasDiffer, $"the replica ends at {file.Length}, not {offset}", chunk.Handle.ToString());
            if (offset + data.Length > file.Head.ChunkSizeBytes)
                throw new GofsException(GofsError.InvalidArgument, $"the chunk ends at {file.Head.ChunkSizeBytes}", chunk.Handle.ToString());
            if (file.TouchesFlushed(offset, data.Length))
            {
                isMyTurn = false;
                await EndAsync(chunk, file, file.OverwriteAsync(offset, data));
                return;
            }

            await file.AppendAsync(offset, data, crcs, write.Durable);
            Note(file);
        }
        catch (IOException broken)
        {
            if (isMyTurn && LibC.IsNoSpace(broken) && file is { IsNew: true, Length: 0 } && !chunk.IsDeleted) Drop(chunk, file.Disk);
            if (file is null || broken is GofsException) throw;
            throw Failed(file.Disk, broken, chunk.Handle);
        }
        finally
        {
            if (isMyTurn) chunk.Turn.GiveUp();
        }
    }

    private async ValueTask ChangeAsync(ChunkHandle handle, ChunkVersion? version, Func<ChunkFile, Task> change, CancellationToken cancellation,
        Func<OpenChunk, ChunkFile>? make = null)
    {
        var chunk = open.Take(handle);
        try
        {
            var file = make is null ? FileOf(chunk) : null;
            await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
            Task work;
            try
            {
                if (chunk.IsDeleted) throw chunk.NotFound();
                file ??= make!(chunk);
                if (version is { } expected) CheckVersion(file, expected);
                work = change(file);
            }
            catch (Exception refused)
            {
                chunk.Turn.GiveUp();
                if (file is null || refused is not IOException broken || broken is GofsException) throw;
                throw Failed(file.Disk, broken, handle);
            }

            await EndAsync(chunk, file, work);
        }
        finally
        {
            chunk.Release();
        }
    }

    // A change under way keeps its turn and its file until it ends, whether or not the caller waits that long.
    private async Task EndAsync(OpenChunk chunk, ChunkFile file, Task work)
    {
        var ending = GiveUpAfterAsync(open.Take(chunk.Handle), file, work);
        try
        {
            await ending.WaitAsync(options.FlushTimeout, time);
        }
        catch (TimeoutException late)
        {
            throw new GofsException(GofsError.Timeout, $"the disk has not answered within {options.FlushTimeout.TotalSeconds:0} s", file.Disk.Folder, late);
        }
    }

    private async Task GiveUpAfterAsync(OpenChunk chunk, ChunkFile file, Task work)
    {
        try
        {
            await work;
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(file.Disk, broken, chunk.Handle);
        }
        finally
        {
            // A change in several parts may have ended after some of them.
            if (index.TryGet(chunk.Handle, out _)) Note(file);
            chunk.Turn.GiveUp();
            chunk.Release();
        }
    }

    private async ValueTask DeleteAsync(ChunkHandle handle, ChunkVersion? olderThan, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!index.TryGet(handle, out var place)) return;
        var chunk = open.Take(handle);
        try
        {
            await DeleteAsync(chunk, place.Disk, olderThan, cancellation);
        }
        finally
        {
            chunk.Release();
        }
    }

    private async ValueTask DeleteAsync(OpenChunk chunk, Disk disk, ChunkVersion? olderThan, CancellationToken cancellation)
    {
        await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
        try
        {
            if (chunk.IsDeleted || (olderThan is { } than && index.TryGet(chunk.Handle, out var now) && now.Version >= than)) return;
            await disk.Journal.DeleteAsync(chunk.Handle);
            Drop(chunk, disk);
        }
        catch (IOException broken) when (broken is not GofsException)
        {
            throw Failed(disk, broken, chunk.Handle);
        }
        finally
        {
            chunk.Turn.GiveUp();
        }
    }

    private void Drop(OpenChunk chunk, Disk disk)
    {
        chunk.IsDeleted = true;
        if (index.Remove(chunk.Handle) is not null) disk.CountChunks(-1);
        disk.Files.Delete(Disk.FileOf(chunk.Handle));
        open.Forget(chunk);
    }
}
