using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// What a namespace lets a client do to its tree, by the rules of POSIX. Each decision answers the event that happens, or null when there
/// is nothing to do, or throws a <see cref="GofsException"/> and changes nothing. Times are nanoseconds since 1970 UTC.
/// </summary>
internal static class TreeDecisions
{
    private const int LongestSymlink = 4096;
    private const int LongestExtendedAttribute = 64 << 10;
    private const int MostExtendedAttributes = 1024;

    /// <summary>Makes a directory, with its parents where asked; null when it is there and that is fine.</summary>
    public static DirectoriesMade? Make(NamespaceState state, MakeDirectory command, long now)
    {
        CheckMode(command.Ownership.Mode);
        var (parent, missing) = command.Parents ? FirstMissing(state, command.Path) : OnlyLastMissing(state, command.Path);
        if (missing.Count == 0) return null;
        RequireNames(state, missing.Count, command.Path);
        return new(command.OpId, parent, [.. missing], state.LastInode + 1, command.Ownership, now);
    }

    /// <summary>Makes a symlink.</summary>
    public static SymlinkMade Make(NamespaceState state, MakeSymlink command, long now)
    {
        CheckMode(command.Ownership.Mode);
        if (command.Target.Length is 0 or > LongestSymlink || command.Target.AsSpan().Contains((byte)0))
            throw new GofsException(GofsError.InvalidPath, $"a symlink's target has 1 to {LongestSymlink} bytes and no NUL", command.Path.ToString());
        var place = RequireFree(state, command.Path);
        RequireNames(state, 1, command.Path);
        return new(command.OpId, place.Parent, place.Name, state.LastInode + 1, command.Target, command.Ownership, command.ModifiedAt ?? now, now);
    }

    /// <summary>Moves a name; null when both names lead to the same.</summary>
    public static Renamed? Move(NamespaceState state, Rename command, long now)
    {
        var from = PathResolution.Require(state, command.From, followLast: false);
        var to = PathResolution.Resolve(state, command.To, followLast: false);
        if (from.Parent == 0 || to.Parent == 0)
            throw new GofsException(GofsError.NotPermitted, "the root stays where it is", (from.Parent == 0 ? command.From : command.To).ToString());
        if (from.Inode == to.Inode) return null;
        var isDirectory = state.Tree[from.Inode].Type == EntryType.Directory;
        if (isDirectory && state.Tree.IsWithin(to.Parent, from.Inode))
            throw new GofsException(GofsError.NotPermitted, "a directory does not go into itself", command.To.ToString());
        if (to.Inode != 0) RequireReplaceable(state, to.Inode, isDirectory, command);
        return new(command.OpId, from.Parent, from.Name, to.Parent, to.Name, NextTrashId(state, skip: to.Inode == 0), now);
    }

    /// <summary>Removes a name or a tree.</summary>
    public static Removed Remove(NamespaceState state, Remove command, long now)
    {
        var found = PathResolution.Require(state, command.Path, followLast: false);
        if (found.Parent == 0) throw new GofsException(GofsError.NotPermitted, "the root is not removed", command.Path.ToString());
        if (!command.Recursive && state.Tree[found.Inode].Type == EntryType.Directory && state.Tree.Directory(found.Inode).Count is var count && count > 0)
            throw new GofsException(GofsError.DirectoryNotEmpty, $"the directory has {count} entries", command.Path.ToString());
        return new(command.OpId, found.Parent, found.Name, NextTrashId(state, command.SkipTrash), now);
    }

    /// <summary>Changes attributes.</summary>
    public static AttributesSet Set(NamespaceState state, SetAttributes command)
    {
        if (command.Mode is { } mode) CheckMode(mode);
        var found = PathResolution.Require(state, command.Path, followLast: false);
        return new(command.OpId, found.Inode, command.Mode, command.Owner, command.Group, command.ModifiedAt);
    }

    /// <summary>Sets or removes an extended attribute.</summary>
    public static ExtendedAttributeSet Set(NamespaceState state, SetExtendedAttribute command)
    {
        var length = System.Text.Encoding.UTF8.GetByteCount(command.Name);
        if (length is 0 or > GofsPath.MaxNameBytes)
            throw new GofsException(
                GofsError.InvalidArgument, $"the name of an extended attribute has 1 to {GofsPath.MaxNameBytes} bytes", command.Path.ToString());
        if (command.Value?.Length > LongestExtendedAttribute)
            throw new GofsException(GofsError.InvalidArgument, $"an extended attribute has at most {LongestExtendedAttribute} bytes", command.Path.ToString());
        var found = PathResolution.Require(state, command.Path, followLast: false);
        if (command.Value is not null && state.ExtendedAttributes.TryGetValue(found.Inode, out var all)
            && all.Count >= MostExtendedAttributes && !all.ContainsKey(command.Name))
            throw new GofsException(GofsError.InvalidArgument, $"an inode has at most {MostExtendedAttributes} extended attributes", command.Path.ToString());
        return new(command.OpId, found.Inode, command.Name, command.Value);
    }

    /// <summary>Refuses permission bits out of range.</summary>
    public static void CheckMode(int mode)
    {
        if (mode is < 0 or > 0xFFF)
            throw new GofsException(GofsError.InvalidArgument, $"permission bits are 0 to 7777 (octal), not {Convert.ToString(mode, 8)}");
    }

    /// <summary>Refuses what would pass the quota of names.</summary>
    public static void RequireNames(NamespaceState state, int more, GofsPath path)
    {
        var most = state.Config.MaxNames;
        if (most > 0 && state.Tree.Inodes - 1 + more > most)
            throw new GofsException(GofsError.QuotaExceeded, $"the namespace has {state.Tree.Inodes - 1} of {most} names (the trash counts)", path.ToString());
    }

    /// <summary>The next trash id, or 0 where what is removed is removed for ever.</summary>
    public static long NextTrashId(NamespaceState state, bool skip) =>
        skip || state.Config.TrashRetention == TimeSpan.Zero ? 0 : state.LastTrashId + 1;

    /// <summary>Follows a path to a name that is not taken.</summary>
    public static Resolved RequireFree(NamespaceState state, GofsPath path)
    {
        var place = PathResolution.Resolve(state, path, followLast: false);
        return place.Inode == 0 ? place : throw new GofsException(GofsError.AlreadyExists, "it is there already", path.ToString());
    }

    private static (long Parent, Stack<byte[]> Missing) OnlyLastMissing(NamespaceState state, GofsPath path)
    {
        var place = RequireFree(state, path);
        return (place.Parent, new([place.Name]));
    }

    private static (long Parent, Stack<byte[]> Missing) FirstMissing(NamespaceState state, GofsPath wanted)
    {
        var missing = new Stack<byte[]>();
        for (var path = wanted; ; path = path.Parent)
        {
            var inode = FindFollowing(state, path);
            if (inode == 0)
            {
                missing.Push(path.Name.ToArray());
                continue;
            }

            if (state.Tree[inode].Type != EntryType.Directory)
                throw new GofsException(
                    missing.Count == 0 ? GofsError.AlreadyExists : GofsError.NotADirectory, "it is there and no directory", path.ToString());
            if (missing.TryPeek(out var first) && state.Tree.Find(inode, first) != 0)
                throw new GofsException(GofsError.AlreadyExists, "a symlink that leads nowhere is there", path.Append(first).ToString());
            return (inode, missing);
        }
    }

    private static long FindFollowing(NamespaceState state, GofsPath path)
    {
        try
        {
            return PathResolution.Resolve(state, path, followLast: true).Inode;
        }
        catch (GofsException missing) when (missing.Error == GofsError.NotFound)
        {
            return 0;
        }
    }

    private static void RequireReplaceable(NamespaceState state, long inode, bool byDirectory, Rename command)
    {
        if (command.NoReplace) throw new GofsException(GofsError.AlreadyExists, "it is there already", command.To.ToString());
        var isDirectory = state.Tree[inode].Type == EntryType.Directory;
        if (byDirectory && !isDirectory) throw new GofsException(GofsError.NotADirectory, "a directory does not replace a file", command.To.ToString());
        if (!byDirectory && isDirectory) throw new GofsException(GofsError.IsADirectory, "a file does not replace a directory", command.To.ToString());
        if (isDirectory && state.Tree.Directory(inode).Count is var count && count > 0)
            throw new GofsException(GofsError.DirectoryNotEmpty, $"the directory has {count} entries", command.To.ToString());
    }
}
