using Orleans;

namespace Gofs.Chunks;

/// <summary>How many chunks want so many replicas and have so many.</summary>
/// <param name="Goal">Wanted replicas.</param>
/// <param name="Present">Replicas on live servers; <see cref="MostPresent"/> stands for as many and more.</param>
/// <param name="Chunks">How many chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.goal-count")]
public readonly record struct GoalCount([property: Id(0)] int Goal, [property: Id(1)] int Present, [property: Id(2)] long Chunks)
{
    /// <summary>The most replicas that are counted apart.</summary>
    public const int MostPresent = Namespaces.NamespaceConfig.MostReplicas + 1;

    /// <summary>Both together.</summary>
    internal static GoalCount[] Sum(IEnumerable<GoalCount> counts) =>
    [
        .. counts.GroupBy(one => (one.Goal, one.Present)).OrderBy(same => same.Key)
            .Select(same => new GoalCount(same.Key.Goal, same.Key.Present, same.Sum(one => one.Chunks))),
    ];
}
