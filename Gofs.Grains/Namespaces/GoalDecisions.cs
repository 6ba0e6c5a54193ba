using System.Globalization;
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
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NotFound"/>, <see cref="GofsError.InvalidArgument"/>, <see cref="GofsError.QuotaExceeded"/>.
    /// </exception>
    public static (GoalsSet? Happened, GoalStep Step) Set(NamespaceState state, SetGoal command, LengthReservations reservations)
    {
        CheckGoal(state, command);
        var top = PathResolution.Require(state, command.Path, followLast: true).Inode;
        List<long> inodes = [];
        if (command.After is null) inodes.Add(top);
        var next = command.Recursive && state.Tree[top].Type == EntryType.Directory
            ? new GoalWalk(state, top, command.After).Take(NamesAtOnce, PageNames, inodes)
            : null;
        var files = inodes.Count(inode => state.Tree[inode].Type == EntryType.File);
        var happened = new GoalsSet(command.OpId, command.Goal, [.. inodes]) { OfFiles = command.AsNamespace ? state.Config.Goal : 0 };
        QuotaDecisions.RequireGoal(state, reservations, inodes, happened.FileGoal, command.Path);
        return (inodes.Count == 0 ? null : happened, new(files, inodes.Count - files, next));
    }

    /// <summary>What is asked for, for a person.</summary>
    public static string Describe(SetGoal command) =>
        $"{(command.AsNamespace ? "default" : command.Goal.ToString(CultureInfo.InvariantCulture))}{(command.Recursive ? " -R" : "")} {command.Path}";

    private static void CheckGoal(NamespaceState state, SetGoal command)
    {
        var least = Math.Max(1, state.Config.MinReplicas);
        var isGoal = command.AsNamespace ? command.Goal == 0 : NamespaceConfig.IsGoal(command.Goal) && command.Goal >= least;
        if (!isGoal)
            throw new GofsException(GofsError.InvalidArgument, $"goal is {least} to {NamespaceConfig.MostReplicas}, not {command.Goal}"
                + (least > 1 ? ": a write needs so many replicas in this namespace" : ""), command.Path.ToString());
        if (command.After is { } after && (after.Length is 0 or > GofsPath.MaxPathBytes
            || Array.Exists(after, name => name is null || name.Length is 0 or > GofsPath.MaxNameBytes)))
            throw new GofsException(GofsError.InvalidArgument, "a step goes on behind names", command.Path.ToString());
    }
}
