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
    /// <summary>What files want when <see cref="Goal"/> is 0, which says that directories have none of their own any more.</summary>
    [Id(3)] public int OfFiles { get; init; }

    /// <summary>What files want from now on.</summary>
    public int FileGoal => Goal > 0 ? Goal : OfFiles;

    /// <inheritdoc/>
    public override string Describe()
    {
        var goal = Goal > 0 ? Line($"goal {Goal}") : Line($"as the namespace: goal {OfFiles}");
        return Inodes.Length == 1 ? Line($"inode {Inodes[0]}: {goal}") : Line($"{Inodes.Length} inodes: {goal}");
    }
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
