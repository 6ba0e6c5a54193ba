using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// The life of a file being written, as the namespace sees it: opened (the open flag is the promise to hear of its end), flushed, closed or
/// given up.
/// </summary>
internal static class OpenFileDecisions
{
    /// <summary>Opens a file for writing, making it where asked.</summary>
    public static NamespaceEvent Open(NamespaceState state, OpenForWriting command, long now)
    {
        TreeDecisions.CheckMode(command.Ownership.Mode);
        var place = PathResolution.Resolve(state, command.Path, followLast: !command.Exclusive);
        if (place.Inode != 0)
        {
            if (command.Exclusive) throw new GofsException(GofsError.AlreadyExists, "it is there already", command.Path.ToString());
            if (state.Tree[place.Inode].Type == EntryType.Directory)
                throw new GofsException(GofsError.IsADirectory, "a directory is there", command.Path.ToString());
            if (!command.Atomic) return new FileOpened(command.OpId, place.Inode, NextFlag(state, place.Inode, now));
        }
        else if (!command.Create)
        {
            throw new GofsException(GofsError.NotFound, "no such file", command.Path.ToString());
        }

        if (place.Parent == 0) throw new GofsException(GofsError.IsADirectory, "a directory is there", command.Path.ToString());
        TreeDecisions.RequireNames(state, 1, command.Path);
        return new FileCreated(command.OpId, place.Parent, place.Name, state.LastInode + 1, command.Ownership, command.Atomic, now);
    }

    /// <summary>
    /// Whether nothing is to be done before a file is written to: no clones to be given their chunk lists, none that it is given, no bytes that only the
    /// namespace knows of.
    /// </summary>
    public static bool IsPrepared(NamespaceState state, long inode) =>
        state.Tree.Has(inode) && state.Tree[inode].OnlyChunk == 0 && !state.Clones.Has(inode);

    /// <summary>Puts a whole file.</summary>
    /// <param name="state">The namespace.</param>
    /// <param name="command">What is asked for.</param>
    /// <param name="reservations">Bytes set aside for files that grow.</param>
    /// <param name="now">The time.</param>
    public static FilePut Put(NamespaceState state, PutFile command, LengthReservations reservations, long now)
    {
        TreeDecisions.CheckMode(command.Ownership.Mode);
        CheckChunk(state, command, now);
        var place = PathResolution.Resolve(state, command.Path, followLast: true);
        if (place.Parent == 0 || (place.Inode != 0 && state.Tree[place.Inode].Type == EntryType.Directory))
            throw new GofsException(GofsError.IsADirectory, "a directory is there", command.Path.ToString());
        RequireReplicas(state, command, place.Parent);
        TreeDecisions.RequireNames(state, 1, command.Path);
        QuotaDecisions.RequireNew(state, reservations, place.Parent, command.LengthBytes, command.Path);
        var isEmpty = command.Chunk == ChunkHandle.None;
        return new(command.OpId, place.Parent, place.Name, state.LastInode + 1, command.Ownership, command.Chunk,
            isEmpty ? 0 : command.ChunkSizeBytes, command.LengthBytes, command.ModifiedAt ?? now,
            TreeDecisions.NextTrashId(state, skip: place.Inode == 0), now);
    }

    /// <summary>Takes note of a flush; null when it is known already.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NotFound"/>: the file, or the directory it was to be named in, is gone. <see cref="GofsError.IsADirectory"/>: a
    /// directory has taken its name.
    /// </exception>
    public static LengthFlushed? Flush(NamespaceState state, FileFlushed flushed, long now)
    {
        var inode = flushed.Inode.Value;
        if (!state.Tree.Has(inode)) throw new GofsException(GofsError.NotFound, "the file was removed while it was written", $"inode {inode}");
        ref readonly var row = ref state.Tree[inode];
        var closes = flushed.Closed && EndsFlag(state, inode, flushed.OpenedAt);
        if (row.LengthBytes == flushed.LengthBytes && row.ModifiedAt == flushed.ModifiedAt && !closes) return null;
        if (closes && state.Unnamed.TryGetValue(inode, out var place)) CheckPlace(state, place);
        return new(inode, flushed.LengthBytes, flushed.ModifiedAt, closes, TreeDecisions.NextTrashId(state, skip: false), now);
    }

    /// <summary>Raises the flag of a file again for somebody who has it and whose own was ended before he came; null: there is nothing to raise.</summary>
    public static FileOpened? Raise(NamespaceState state, OpId opId, FileFlushed flushed)
    {
        var inode = flushed.Inode.Value;
        if (flushed.Closed || flushed.OpenedAt == 0 || !state.Tree.Has(inode)) return null;
        return state.Open.TryGetValue(inode, out var since) && since >= flushed.OpenedAt ? null : new(opId, inode, flushed.OpenedAt);
    }

    /// <summary>
    /// What becomes of an open file whose writer has gone; null when it was opened again since it was asked about.
    /// </summary>
    /// <param name="state">The namespace.</param>
    /// <param name="inode">The file.</param>
    /// <param name="openedAt">Its open flag when the file grain was asked.</param>
    /// <param name="settled">What the file grain said.</param>
    /// <param name="now">The time.</param>
    public static NamespaceEvent? Settle(NamespaceState state, long inode, long openedAt, SettledFile settled, long now)
    {
        if (!state.Open.TryGetValue(inode, out var since) || since != openedAt) return null;
        if (state.Unnamed.TryGetValue(inode, out var place) && (!settled.ClosedByWriter || !IsFree(state, place))) return new FileAbandoned(inode);
        var modifiedAt = settled.ModifiedAt > 0 ? settled.ModifiedAt : state.Tree[inode].ModifiedAt;
        return new LengthFlushed(inode, settled.LengthBytes, modifiedAt, Closed: true, TreeDecisions.NextTrashId(state, skip: false), now);
    }

    // Another than the one that stands, whatever the clock says.
    private static long NextFlag(NamespaceState state, long inode, long now) =>
        state.Open.TryGetValue(inode, out var since) ? Math.Max(now, since + 1) : now;

    // Whoever has opened the file since raised it anew. A file without a name has one opener.
    private static bool EndsFlag(NamespaceState state, long inode, long openedAt) =>
        state.Open.TryGetValue(inode, out var since) && (openedAt == 0 || openedAt == since || state.Unnamed.ContainsKey(inode));

    private static void CheckChunk(NamespaceState state, PutFile command, long now)
    {
        if (command.Chunk == ChunkHandle.None)
        {
            if (command.LengthBytes == 0) return;
            throw new GofsException(GofsError.InvalidArgument, "bytes without a chunk", command.Path.ToString());
        }

        if (command.Chunk.NamespaceNumber != state.Number || command.Chunk.Shard >= state.Config.ChunkTableShards)
            throw new GofsException(GofsError.InvalidArgument, $"chunk {command.Chunk} is not of namespace number {state.Number}", command.Path.ToString());
        if (!NamespaceConfig.IsChunkSize(command.ChunkSizeBytes) || command.LengthBytes < 1 || command.LengthBytes > command.ChunkSizeBytes)
            throw new GofsException(
                GofsError.InvalidArgument, $"{command.LengthBytes} bytes are not in a chunk of {command.ChunkSizeBytes}", command.Path.ToString());
        if (now - ((command.AllocatedAt - DateTimeOffset.UnixEpoch).Ticks * 100) > UnconfirmedChunks.PutWithin(state.Config.LeaseTime).Ticks * 100)
            throw new GofsException(GofsError.LeaseExpired, "the chunk was allocated too long ago: write the bytes again", command.Path.ToString());
    }

    // Chunks for whole files are allocated ahead, with the namespace's goal, whatever directory they are used in.
    private static void RequireReplicas(NamespaceState state, PutFile command, long directory)
    {
        var goal = state.Tree[directory].Goal;
        if (command.Chunk != ChunkHandle.None && command.Replicas > 0 && goal > state.Config.Goal && goal > command.Replicas)
            throw new GofsException(GofsError.TooFewReplicas, $"files there want {goal} replicas, and there are {command.Replicas}", command.Path.ToString());
    }

    private static void CheckPlace(NamespaceState state, UnnamedFile place)
    {
        if (!IsAttached(state, place.Parent))
            throw new GofsException(GofsError.NotFound, "the directory the file was to be in was removed", System.Text.Encoding.UTF8.GetString(place.Name));
        if (state.Tree.Find(place.Parent, place.Name) is var there && there != 0 && state.Tree[there].Type == EntryType.Directory)
            throw new GofsException(GofsError.IsADirectory, "a directory has taken the file's name", state.Tree.PathOf(there).ToString());
    }

    private static bool IsFree(NamespaceState state, UnnamedFile place) =>
        IsAttached(state, place.Parent)
        && (state.Tree.Find(place.Parent, place.Name) is var there && (there == 0 || state.Tree[there].Type != EntryType.Directory));

    private static bool IsAttached(NamespaceState state, long directory) =>
        state.Tree.Has(directory) && state.Tree.IsWithin(directory, InodeNumber.Root.Value);
}
