using Orleans;

namespace Gofs.Grains.Namespaces;

/// <summary>Goals were set: files want so many replicas from now on, files made in directories will.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Goal">How many.</param>
/// <param name="Inodes">Files and directories.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.goals-set")]
public sealed record GoalsSet(
    [property: Id(0)] OpId OpId, [property: Id(1)] int Goal, [property: Id(2)] long[] Inodes) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Inodes.Length == 1 ? Line($"inode {Inodes[0]}: goal {Goal}") : Line($"{Inodes.Length} inodes: goal {Goal}");
}

/// <summary>A goal that the chunk tables were told of.</summary>
/// <param name="Inode">Of which file.</param>
/// <param name="Goal">What they were told.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.told-goal")]
public readonly record struct ToldGoal([property: Id(0)] long Inode, [property: Id(1)] int Goal);

/// <summary>Chunk tables have logged files' goals.</summary>
/// <param name="Goals">Which.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.goals-told")]
public sealed record GoalsTold([property: Id(0)] ToldGoal[] Goals) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Goals.Length} files");
}
