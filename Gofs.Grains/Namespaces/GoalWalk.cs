using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Files and directories below a directory, each directory before what is in it, from behind a given one on.</summary>
internal sealed class GoalWalk
{
    private readonly NamespaceState state;
    private readonly List<(long Directory, byte[] After)> way = [];
    private readonly List<int> page = [];

    /// <summary>Begins.</summary>
    /// <param name="state">The namespace.</param>
    /// <param name="top">The directory.</param>
    /// <param name="after">Names from there to the last that was taken; null: from the first on. What is gone of them is passed over.</param>
    public GoalWalk(NamespaceState state, long top, byte[][]? after)
    {
        this.state = state;
        way.Add((top, []));
        foreach (var name in after ?? [])
        {
            var directory = way[^1].Directory;
            way[^1] = (directory, name);
            if (state.Tree.Find(directory, name) is not (not 0 and var inode) || state.Tree[inode].Type != EntryType.Directory) break;
            way.Add((inode, []));
        }
    }

    /// <summary>Takes the next ones, up to <paramref name="limit"/> names; answers those down to the last of them, or null when no more follow.</summary>
    public byte[][]? Take(int limit, int pageNames, List<long> into)
    {
        while (way.Count > 0)
        {
            // Before a directory is left: whoever goes on behind its name begins with what is in it.
            if (limit <= 0) return [.. way.Select(one => one.After).Where(name => name.Length > 0)];
            var (directory, after) = way[^1];
            page.Clear();
            var more = state.Tree.Directory(directory).After(state.Tree.Entries, after, Math.Min(pageNames, limit), page);
            if (!TakePage(directory, into, ref limit) && !more && limit > 0) way.RemoveAt(way.Count - 1);
        }

        return null;
    }

    // Up to the first directory: true then, and what is in it comes next.
    private bool TakePage(long directory, List<long> into, ref int limit)
    {
        foreach (var entry in page)
        {
            var inode = state.Tree.Entries[entry].Inode;
            way[^1] = (directory, state.Tree.Entries.NameOf(entry).ToArray());
            limit--;
            if (state.Tree[inode].Type == EntryType.Symlink) continue;
            into.Add(inode);
            if (state.Tree[inode].Type != EntryType.Directory) continue;
            way.Add((inode, []));
            return true;
        }

        return false;
    }
}
