using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Clones of files and trees.</summary>
internal static class CloneDecisions
{
    /// <summary>
    /// The largest tree that is cloned at once, in names. A clone is one record and applied in one stretch, during which the master answers nobody.
    /// </summary>
    public const int MostNames = 200_000;

    /// <summary>Clones what is at a path to one that is free.</summary>
    /// <param name="state">The namespace.</param>
    /// <param name="command">What is asked for.</param>
    /// <param name="reservations">Bytes set aside for files that grow.</param>
    /// <param name="now">The time.</param>
    public static TreeCloned Clone(NamespaceState state, Clone command, LengthReservations reservations, long now)
    {
        var from = PathResolution.Require(state, command.From, followLast: false);
        var to = TreeDecisions.RequireFree(state, command.To);
        if (state.Tree.IsWithin(to.Parent, from.Inode))
            throw new GofsException(GofsError.NotPermitted, "a directory is not cloned into itself", command.To.ToString());
        var count = NamespaceQueries.Count(state, from.Inode, MostNames + 1).First();
        var names = count.Files + count.Directories + count.Symlinks;
        if (names > MostNames)
            throw new GofsException(
                GofsError.NotPermitted, $"it has more than {MostNames} names, which is the most that is cloned at once: clone what is in it", command.From.ToString());
        TreeDecisions.RequireNames(state, (int)names, command.To);
        QuotaDecisions.RequireClone(state, reservations, from.Inode, count, command.To);
        return new(command.OpId, from.Inode, to.Parent, to.Name, state.LastInode + 1, now);
    }
}
