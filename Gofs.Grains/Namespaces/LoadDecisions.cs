using Gofs.Chunks;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>What of a dump a namespace that is being loaded takes: rows that can follow what is there. The rest is refused as corrupt.</summary>
internal static class LoadDecisions
{
    private const int LongestText = 4096;
    private const int LongestExtendedAttribute = 64 << 10;
    private const int MostMode = 0xFFF;

    /// <summary>Refuses an inode that can't be there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>.</exception>
    public static void Check(NamespaceState state, LoadedInode row, long lastInode, long lastTrashId)
    {
        Require(row.Inode >= 1 && row.Inode <= lastInode && lastInode <= InodeNumber.MaxValue, row, "its number is out of range");
        Require(Enum.IsDefined(row.Type) && row.Ownership.Mode is >= 0 and <= MostMode && row.LengthBytes >= 0, row, "its attributes are out of range");
        Require(row.Goal == 0 || (NamespaceConfig.IsGoal(row.Goal) && row.Type != EntryType.Symlink), row, "its goal is out of range");
        CheckPlace(state, row, lastTrashId);
        Require(row.Type == EntryType.Symlink
            ? row.Target is { Length: > 0 and <= LongestText } target && target.Length == row.LengthBytes && !target.AsSpan().Contains((byte)0)
            : row.Target is null, row, "its target is not one of a symlink");
        Require(row.Type != EntryType.Directory || row.LengthBytes == 0, row, "a directory has no length");
        if (row.OnlyChunk == ChunkHandle.None) return;
        Require(row.Type == EntryType.File && row.OnlyChunk.NamespaceNumber == state.Number && NamespaceConfig.IsChunkSize(row.ChunkSizeBytes)
            && row.LengthBytes <= row.ChunkSizeBytes, row, "its chunk can't be its own");
    }

    /// <summary>Refuses an extended attribute that can't be there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>.</exception>
    public static void Check(NamespaceState state, LoadedAttribute attribute)
    {
        if (!state.Tree.Has(attribute.Inode) || attribute.Name.Length is 0 or > GofsPath.MaxNameBytes || attribute.Value.Length > LongestExtendedAttribute)
            throw new GofsException(GofsError.EditLogCorrupt, $"an extended attribute of inode {attribute.Inode} can't be there");
    }

    private static void CheckPlace(NamespaceState state, LoadedInode row, long lastTrashId)
    {
        if (row.Inode == InodeNumber.Root.Value)
        {
            Require(row is { Parent: 0, TrashId: 0, Type: EntryType.Directory } && state.Tree.Inodes == 1, row, "the root is a directory and comes first");
            return;
        }

        Require(!state.Tree.Has(row.Inode), row, "it comes twice");
        if (row.TrashId != 0)
        {
            Require(row.Parent == 0 && row.TrashId > 0 && row.TrashId <= lastTrashId && !state.Trash.ContainsKey(row.TrashId)
                && row.TrashPath is { Length: > 0 and <= LongestText }, row, "its place in the trash can't be had");
            return;
        }

        Require(state.Tree.Has(row.Parent) && state.Tree[row.Parent].Type == EntryType.Directory, row, $"its parent {row.Parent} is no directory before it");
        GofsPath.CheckName(row.Name);
        Require(state.Tree.Find(row.Parent, row.Name) == 0, row, "its name is taken");
    }

    private static void Require(bool holds, LoadedInode row, string otherwise)
    {
        if (!holds) throw new GofsException(GofsError.EditLogCorrupt, $"inode {row.Inode} can't be there: {otherwise}");
    }
}
