using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// Goals, as the namespace's state has them. A file has its own from the moment it is made: its directory's where that has one, else the namespace's
/// of that moment. So a change of the namespace's setting is for new files only.
/// </summary>
internal sealed partial class NamespaceState
{
    /// <summary>Files whose goal the chunk tables have yet to be told of.</summary>
    public HashSet<long> GoalsToTell { get; } = [];

    private void Apply(GoalsSet set)
    {
        foreach (var inode in set.Inodes)
        {
            Tree.SetGoal(inode, set.Goal);
            if (Tree[inode].Type == EntryType.File) GoalsToTell.Add(inode);
        }

        Results.Add(set.OpId, set.Inodes.Length);
    }

    // One that was set anew while it was told is told again.
    private void Apply(GoalsTold told)
    {
        foreach (var (inode, goal) in told.Goals)
        {
            if (!Tree.Has(inode) || Tree[inode].Goal == goal) GoalsToTell.Remove(inode);
        }
    }

    private void Confirmed(OnlyChunksConfirmed confirmed)
    {
        foreach (var chunk in confirmed.Chunks) ToConfirm.Remove(chunk);
    }

    // A parent that is gone, of a file that gets its name when it is closed, has no say.
    private void Inherit(long inode, long parent)
    {
        var inherited = Tree.Has(parent) ? Tree[parent].Goal : 0;
        switch (Tree[inode].Type)
        {
            case EntryType.File: Tree.SetGoal(inode, inherited != 0 ? inherited : Config.Goal); break;
            case EntryType.Directory: Tree.SetGoal(inode, inherited); break;
        }
    }

    // What its origin has yet to tell, a clone has too.
    private void CopyGoal(long from, long to)
    {
        Tree.SetGoal(to, Tree[from].Goal);
        if (GoalsToTell.Contains(from)) GoalsToTell.Add(to);
    }
}
