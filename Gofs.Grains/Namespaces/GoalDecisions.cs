using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// How a goal is set. A tree is walked as its names are ordered, a directory before what is in it: whatever is made below a directory that was passed has
/// the new goal already, so only what is moved there meanwhile may be missed. A step begins behind the last name of the one before, also when that is gone.
/// </summary>
internal static class GoalDecisions
{
    /// <summary>Names that one step changes.</summary>
    public const int NamesAtOnce = 2048;

    private const int PageNames = 64;

    /// <summary>A step.</summary>
    /// <returns>What happens, null when there is nothing to change; and what is answered.</returns>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.InvalidArgument"/>.</exception>
    public static (GoalsSet? Happened, GoalStep Step) Set(NamespaceState state, SetGoal command)
    {
        CheckGoal(state, command);
        var top = PathResolution.Require(state, command.Path, followLast: true).Inode;
        List<long> inodes = [];
        if (command.After is null) inodes.Add(top);
        var next = command.Recursive && state.Tree[top].Type == EntryType.Directory
            ? new GoalWalk(state, top, command.After).Take(NamesAtOnce, PageNames, inodes)
            : null;
        var files = inodes.Count(inode => state.Tree[inode].Type == EntryType.File);
        return (inodes.Count == 0 ? null : new(command.OpId, command.Goal, [.. inodes]), new(files, inodes.Count - files, next));
    }

    private static void CheckGoal(NamespaceState state, SetGoal command)
    {
        var least = Math.Max(1, state.Config.MinReplicas);
        if (!NamespaceConfig.IsGoal(command.Goal) || command.Goal < least)
            throw new GofsException(GofsError.InvalidArgument, $"goal is {least} to {NamespaceConfig.MostReplicas}, not {command.Goal}"
                + (least > 1 ? ": a write needs so many replicas in this namespace" : ""), command.Path.ToString());
        if (command.After is { } after && (after.Length is 0 or > GofsPath.MaxPathBytes
            || Array.Exists(after, name => name is null || name.Length is 0 or > GofsPath.MaxNameBytes)))
            throw new GofsException(GofsError.InvalidArgument, "a step goes on behind names", command.Path.ToString());
    }
}
