using Gofs.Namespaces;

namespace Gofs.Ctl.Targets;

/// <summary>Follows a symlink at the last name, for commands whose call does not.</summary>
internal static class Symlinks
{
    private const int MostOnTheWay = 40;

    /// <summary>Where a path leads to, and what is there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.TooManySymlinks"/>.</exception>
    public static async Task<(GofsPath Path, Entry Entry)> FollowAsync(GofsNamespace files, GofsPath path, CancellationToken cancellation)
    {
        var at = path;
        for (var seen = 0; seen <= MostOnTheWay; seen++)
        {
            var entry = await files.StatAsync(at, followLast: false, cancellation);
            if (entry.Type != EntryType.Symlink) return (at, entry);
            var target = entry.SymlinkTarget!;
            at = target[0] == (byte)'/' ? GofsPath.FromBytes(target) : GofsPath.FromBytes([.. at.Parent.Bytes, (byte)'/', .. target]);
        }

        throw new GofsException(GofsError.TooManySymlinks, $"more than {MostOnTheWay} symlinks on the way", path.ToString());
    }
}
