using System.Globalization;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>
/// A walk through the names of a namespace's state: gives each inode below its tops once, and what is wrong with names and inodes on the way. Only what it
/// has still to visit is in memory, and a bit for each inode it has visited.
/// </summary>
internal sealed class FsckTree(NamespaceState state)
{
    private const int MostUnreached = 100;
    private readonly NumberSet reached = new();
    private readonly List<FsckFinding> findings = [];

    /// <summary>Inodes reached so far.</summary>
    public long Inodes => reached.Count;

    /// <summary>Sum of the lengths of the files among them.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Everything that hangs on nothing: the root, what is in the trash, has no name yet, or is being given up.</summary>
    public IEnumerable<long> Tops() => state.Trash.Values.Select(row => row.Inode).Concat(state.Unnamed.Keys).Concat(state.GivingUp)
        .Prepend(InodeNumber.Root.Value).Distinct();

    /// <summary>The inodes below these, themselves too.</summary>
    public IEnumerable<long> Walk(IEnumerable<long> tops)
    {
        Stack<long> waiting = new();
        List<int> entries = [];
        foreach (var top in tops)
        {
            waiting.Push(top);
            while (waiting.TryPop(out var inode))
            {
                if (!Reach(inode)) continue;
                yield return inode;
                if (state.Tree[inode].Type != EntryType.Directory) continue;
                entries.Clear();
                state.Tree.Directory(inode).After(state.Tree.Entries, [], int.MaxValue, entries);
                CheckDirectory(inode, entries);
                foreach (var entry in entries) waiting.Push(state.Tree.Entries[entry].Inode);
            }
        }
    }

    /// <summary>After a walk from all tops: what was not reached, and counts that are not those of a recount.</summary>
    public void CheckCounts()
    {
        if (reached.Count != state.Tree.Inodes) Find(0, Text($"the namespace counts {state.Tree.Inodes} inodes, there are {reached.Count} within reach"));
        if (LengthBytes != state.Tree.LengthBytes) Find(0, Text($"the namespace counts {state.Tree.LengthBytes} bytes, its files have {LengthBytes}"));
        if (reached.Count == state.Tree.Inodes) return;
        var unreached = 0;
        for (var inode = 1L; inode <= state.LastInode && unreached < MostUnreached; inode++)
        {
            if (!state.Tree.Has(inode) || reached.Contains(inode)) continue;
            unreached++;
            Find(inode, Text($"no name leads to {state.Tree[inode].Type} {inode}"));
        }
    }

    /// <summary>Whether a master's own figures are those of the state; only at the same EditLog number can they be compared.</summary>
    public void CheckMaster(NamespaceStatus master, long editLogNumber)
    {
        if (master.EditLogNumber != editLogNumber) return;
        if (master.Names != state.Tree.Inodes || master.LengthBytes != state.Tree.LengthBytes)
        {
            Find(0, Text($"the master counts {master.Names} inodes and {master.LengthBytes} bytes, its EditLog says {state.Tree.Inodes} and ")
                + Text($"{state.Tree.LengthBytes}"));
        }

        if (master.TrashItems != state.Trash.Count || master.OpenFiles != state.Open.Count)
        {
            Find(0, Text($"the master has {master.TrashItems} trash items and {master.OpenFiles} open files, its EditLog says {state.Trash.Count} and ")
                + Text($"{state.Open.Count}"));
        }
    }

    /// <summary>What was found since the last call.</summary>
    public FsckFinding[] Take()
    {
        FsckFinding[] found = [.. findings];
        findings.Clear();
        return found;
    }

    private bool Reach(long inode)
    {
        if (!state.Tree.Has(inode))
        {
            Find(inode, Text($"a name leads to inode {inode}, which is not there"));
            return false;
        }

        if (!reached.Add(inode))
        {
            Find(inode, Text($"more than one name leads to inode {inode}"));
            return false;
        }

        ref readonly var row = ref state.Tree[inode];
        if (row.Links != 1) Find(inode, Text($"it counts {row.Links} names, one leads to it"));
        if (row.Type == EntryType.File) LengthBytes += row.LengthBytes;
        return true;
    }

    private void CheckDirectory(long inode, List<int> entries)
    {
        if (entries.Count != state.Tree.Directory(inode).Count)
            Find(inode, Text($"the directory counts {state.Tree.Directory(inode).Count} names, there are {entries.Count}"));
        foreach (var entry in entries)
        {
            ref readonly var row = ref state.Tree.Entries[entry];
            if (row.Parent != inode || (state.Tree.Has(row.Inode) && state.Tree.ParentOf(row.Inode) != inode))
                Find(row.Inode, Text($"directory {inode} has a name for inode {row.Inode}, which says that it is in {state.Tree.ParentOf(row.Inode)}"));
        }
    }

    private void Find(long inode, string what) => findings.Add(new(
        FsckCheck.Tree, FsckSeverity.Fault, what, "", "a restart of the master makes its state anew from Snapshot and EditLog; if it stays, report it as a fault of Gofs")
    {
        Inode = new(inode),
    });

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
