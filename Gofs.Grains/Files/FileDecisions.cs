using Gofs.Chunks;
using Gofs.Files;

namespace Gofs.Grains.Files;

/// <summary>What a file lets a writer do: each answers the event that happens, or throws.</summary>
public static class FileDecisions
{
    /// <summary>The longest file: 2^26 chunks or 8 EiB, whichever is less.</summary>
    public const int MaxChunks = 1 << 26;

    /// <summary>Index of the chunk a position is in.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: past the longest file.</exception>
    public static int IndexOf(long positionBytes, long chunkSizeBytes)
    {
        var index = positionBytes / chunkSizeBytes;
        if (positionBytes < 0 || index >= MaxChunks)
            throw new GofsException(GofsError.InvalidArgument, $"a file has at most {MaxChunks} chunks of {chunkSizeBytes} bytes");
        return (int)index;
    }

    /// <summary>Refuses an index a file cannot have.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>.</exception>
    public static void CheckIndex(int index)
    {
        if (index is < 0 or >= MaxChunks)
            throw new GofsException(GofsError.InvalidArgument, $"a chunk index is 0 to {MaxChunks - 1}, not {index}");
    }

    /// <summary>Commits a length; null when exactly this was committed already (a retry).</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: the length shrinks, or a chunk was not placed under this lease.
    /// </exception>
    public static LengthCommitted? Commit(FileState file, WriterLeaseState lease, CommitLength command, long chunkSizeBytes, long now)
    {
        if (command.LengthBytes < file.LengthBytes)
            throw new GofsException(
                GofsError.InvalidArgument, $"a commit does not shrink a file from {file.LengthBytes} to {command.LengthBytes} bytes: truncate it");
        if (command.LengthBytes > 0) IndexOf(command.LengthBytes - 1, chunkSizeBytes);
        foreach (var chunk in command.NewChunks)
        {
            CheckIndex(chunk.Index);
            if (file.ChunkAt(chunk.Index) != chunk.Handle && lease.Find(chunk.Index)?.Handle != chunk.Handle)
                throw new GofsException(GofsError.InvalidArgument, $"chunk {chunk.Handle} was not placed at index {chunk.Index} under this lease");
        }

        var added = command.NewChunks.Where(chunk => file.ChunkAt(chunk.Index) != chunk.Handle).ToArray();
        if (added.Length == 0 && command.LengthBytes == file.LengthBytes && file.LastWriter.IsOfSameHolder(command.LeaseId)
            && file.LastWriterClosed == command.Close && (command.ModifiedAt is null || command.ModifiedAt == file.ModifiedAt))
            return null;
        return new(command.LeaseId, chunkSizeBytes, command.LengthBytes, added, command.ModifiedAt ?? now, command.Close);
    }

    /// <summary>
    /// Refuses a commit of bytes in the chunk the file ends in, when it was not placed under this lease as the grain knows it: what the writer has flushed
    /// there would be cut off before the file grows (<see cref="TailToTrim"/>). He takes the lease up again, with the chunks he has.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseExpired"/>.</exception>
    public static void RequireKnown(FileState file, WriterLeaseState lease, CommitLength command)
    {
        if (command.LengthBytes <= file.LengthBytes || TailToTrim(file) is not { } tail) return;
        if (lease.Find(tail.Index) is not null || lease.IsSuspended(tail.Index)) return;
        if (!Array.Exists(command.NewChunks, chunk => chunk.Index == tail.Index)) return;
        throw new GofsException(GofsError.LeaseExpired, $"it is not known under this lease that chunk {tail.Index} is written; take it up again");
    }

    /// <summary>Whether a commit by a lease that is over is a retry of the one that ended it.</summary>
    public static bool IsClosedAlready(FileState file, CommitLength command) =>
        command.Close && file.LastWriterClosed && file.LastWriter.IsOfSameHolder(command.LeaseId) && file.LengthBytes == command.LengthBytes;

    /// <summary>Cuts or extends; null when the length is that already.</summary>
    public static FileTruncated? Truncate(FileState file, LeaseId leaseId, long lengthBytes, long chunkSizeBytes, long now)
    {
        if (lengthBytes < 0) throw new GofsException(GofsError.InvalidArgument, $"a length is not negative: {lengthBytes}");
        if (lengthBytes > 0) IndexOf(lengthBytes - 1, chunkSizeBytes);
        return lengthBytes == file.LengthBytes ? null : new(leaseId, chunkSizeBytes, lengthBytes, now);
    }

    /// <summary>
    /// The chunk whose bytes past the length must be cut before the file grows past them, or null: a writer that died, or a
    /// truncation, may have left bytes there that nobody may ever read.
    /// </summary>
    public static (int Index, ChunkHandle Handle, long KeepBytes)? TailToTrim(FileState file)
    {
        if (file.ChunkSizeBytes == 0 || file.LengthBytes % file.ChunkSizeBytes == 0) return null;
        var index = (int)(file.LengthBytes / file.ChunkSizeBytes);
        var handle = file.ChunkAt(index);
        return handle == ChunkHandle.None ? null : (index, handle, file.LengthBytes % file.ChunkSizeBytes);
    }
}
