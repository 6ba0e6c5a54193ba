using Gofs.Grains.Namespaces.Tree;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Where a path leads.</summary>
/// <param name="Parent">The directory that has, or would have, the last name; 0 where there is no last name (the root).</param>
/// <param name="Name">The last name; empty where there is none.</param>
/// <param name="Inode">What the name leads to; 0 when nothing.</param>
internal readonly record struct Resolved(long Parent, byte[] Name, long Inode);

/// <summary>Follows paths through the tree, symlinks included, never out of the namespace: "/" in a target is the namespace's root.</summary>
internal static class PathResolution
{
    private const int MostSymlinks = 40;

    /// <summary>Follows a path to its last name, which need not be there.</summary>
    /// <param name="state">The namespace.</param>
    /// <param name="path">The path.</param>
    /// <param name="followLast">Whether a symlink at the last name is followed.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NotFound"/> or <see cref="GofsError.NotADirectory"/>: something on the way. <see cref="GofsError.TooManySymlinks"/>.
    /// </exception>
    public static Resolved Resolve(NamespaceState state, GofsPath path, bool followLast)
    {
        var inode = Follow(state, path, followLast, out var parent, out var name);
        return new(parent, name.ToArray(), inode);
    }

    /// <summary>
    /// As <see cref="Resolve"/>, for who wants to know the inode only (0 when there is none): allocates nothing unless a symlink is followed.
    /// </summary>
    public static long InodeOf(NamespaceState state, GofsPath path, bool followLast) => Follow(state, path, followLast, out _, out _);

    /// <summary>Follows a path to something that is there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, and what <see cref="Resolve"/> throws.</exception>
    public static Resolved Require(NamespaceState state, GofsPath path, bool followLast)
    {
        var found = Resolve(state, path, followLast);
        return found.Inode != 0 ? found : throw Nothing(path);
    }

    /// <summary>Follows a path to a directory.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotADirectory"/>, and what <see cref="Require"/> throws.</exception>
    public static long RequireDirectory(NamespaceState state, GofsPath path)
    {
        var inode = InodeOf(state, path, followLast: true);
        if (inode == 0) throw Nothing(path);
        RequireDirectory(state, inode, path);
        return inode;
    }

    // The name is in the path, in a symlink's target or in the tree: good until the tree changes.
    private static long Follow(NamespaceState state, GofsPath path, bool followLast, out long parent, out ReadOnlySpan<byte> last)
    {
        var rest = path.Bytes;
        var at = InodeNumber.Root.Value;
        for (var followed = 0; ;)
        {
            var name = TakeName(ref rest);
            if (name.Length == 0 || IsDot(name))
            {
                if (rest.Length > 0 || name.Length > 0) continue;
                parent = state.Tree.ParentOf(at);
                last = state.Tree.NameOf(at);
                return at;
            }

            RequireDirectory(state, at, path);
            if (IsDotDot(name))
            {
                at = state.Tree.ParentOf(at) is var above && above != 0 ? above : at;
                continue;
            }

            var inode = state.Tree.Find(at, name);
            var isLast = IsOnlySlashes(rest);
            if (inode != 0 && state.Tree[inode].Type == EntryType.Symlink && (!isLast || followLast))
            {
                if (++followed > MostSymlinks)
                    throw new GofsException(GofsError.TooManySymlinks, $"more than {MostSymlinks} symlinks on the way", path.ToString());
                byte[] joined = [.. state.Targets[inode], .. rest];
                rest = joined;
                if (joined[0] == (byte)'/') at = InodeNumber.Root.Value;
                continue;
            }

            if (isLast)
            {
                parent = at;
                last = name;
                return inode;
            }

            if (inode == 0) throw new GofsException(GofsError.NotFound, "no such directory on the way", path.ToString());
            at = inode;
        }
    }

    private static void RequireDirectory(NamespaceState state, long inode, GofsPath path)
    {
        if (state.Tree[inode].Type != EntryType.Directory)
            throw new GofsException(GofsError.NotADirectory, "not a directory, or not one on the way", path.ToString());
    }

    private static GofsException Nothing(GofsPath path) => new(GofsError.NotFound, "no such file or directory", path.ToString());

    private static ReadOnlySpan<byte> TakeName(scoped ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)'/');
        var end = rest.IndexOf((byte)'/');
        var name = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[end..];
        return name;
    }

    private static bool IsOnlySlashes(ReadOnlySpan<byte> rest) => rest.TrimStart((byte)'/').Length == 0;

    private static bool IsDot(ReadOnlySpan<byte> name) => name.SequenceEqual("."u8);

    private static bool IsDotDot(ReadOnlySpan<byte> name) => name.SequenceEqual(".."u8);
}
