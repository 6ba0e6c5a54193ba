using Gofs.Chunks;
using Gofs.Namespaces;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Counts chunks by how many replicas they want and how many are at hand, as a round over all of them finds it. What is told is the last whole round's: half
/// a round would look like half the chunks. Pure; used by one at a time.
/// </summary>
public sealed class GoalTally
{
    private const int Goals = NamespaceConfig.MostReplicas + 1;
    private const int Presents = GoalCount.MostPresent + 1;
    private readonly long[] counts = new long[Goals * Presents];

    /// <summary>The last whole round's counts; none before the first.</summary>
    public GoalCount[] Last { get; private set; } = [];

    /// <summary>A round begins.</summary>
    public void Begin() => Array.Clear(counts);

    /// <summary>A chunk is looked at.</summary>
    public void See(in ChunkHealth health) => counts[(Math.Clamp(health.Goal, 0, Goals - 1) * Presents) + Math.Min(health.AtHand, Presents - 1)]++;

    /// <summary>The round has ended.</summary>
    public void End() => Last =
    [
        .. counts.Select((chunks, at) => new GoalCount(at / Presents, at % Presents, chunks)).Where(one => one.Chunks > 0),
    ];
}
