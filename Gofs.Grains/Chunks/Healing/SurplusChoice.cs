using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Chooses which replica of a chunk that has too many goes, by what the servers say of theirs: one that is damaged before one that is good, a shorter one
/// before a longer one. None goes unless as many as are wanted stay that are sound and not shorter: of a replica that rotted the others are the
/// only cure. Pure.
/// </summary>
public static class SurplusChoice
{
    /// <summary>Which goes; null: none may now.</summary>
    /// <param name="replicas">The replicas that count for the goal, and what their servers say of them; null: nothing.</param>
    /// <param name="goal">How many are wanted.</param>
    /// <param name="preferred">Which goes of those that are equally good.</param>
    public static ServerId? Choose(IReadOnlyList<(ServerId Server, ReplicaState? State)> replicas, int goal, ServerId preferred)
    {
        if (replicas.Count == 0 || replicas.Any(one => one.State is null)) return null;
        var worst = replicas.OrderBy(one => one.State!.IsSound).ThenBy(one => one.State!.LengthBytes).ThenByDescending(one => one.Server == preferred).First();
        return MayLeave(replicas, goal, worst.Server) ? worst.Server : null;
    }

    /// <summary>Whether one of them may go.</summary>
    /// <param name="replicas">As for <see cref="Choose"/>.</param>
    /// <param name="goal">How many are wanted.</param>
    /// <param name="leaving">The one.</param>
    public static bool MayLeave(IReadOnlyList<(ServerId Server, ReplicaState? State)> replicas, int goal, ServerId leaving)
    {
        var states = replicas.ToDictionary(one => one.Server, one => one.State);
        return states.GetValueOrDefault(leaving) is { } its
            && states.Count(one => one.Key != leaving && one.Value is { IsSound: true } stays && stays.LengthBytes >= its.LengthBytes) >= Math.Max(goal, 1);
    }
}
