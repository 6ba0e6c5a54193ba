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
            var isFile = Tree[inode].Type == EntryType.File;
            Tree.SetGoal(inode, isFile ? set.FileGoal : set.Goal);
            if (isFile) GoalsToTell.Add(inode);
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

    /// <summary>The goal of a file that is made in a directory now.</summary>
    public int GoalOfNew(long parent) => Tree.Has(parent) && Tree[parent].Goal is > 0 and var its ? its : Config.Goal;

    // A parent that is gone, of a file that gets its name when it is closed, has no say.
    private void Inherit(long inode, long parent)
    {
        switch (Tree[inode].Type)
        {
            case EntryType.File: Tree.SetGoal(inode, GoalOfNew(parent)); break;
            case EntryType.Directory: Tree.SetGoal(inode, Tree.Has(parent) ? Tree[parent].Goal : 0); break;
        }
    }

    // What its origin has yet to tell, a clone has too.
    private void CopyGoal(long from, long to)
    {
        Tree.SetGoal(to, Tree[from].Goal);
        if (GoalsToTell.Contains(from)) GoalsToTell.Add(to);
    }
}
