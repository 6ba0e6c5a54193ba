using Gofs.Chunks;

namespace Gofs.Web.Live;

/// <summary>
/// Re-replication from when the console saw that chunks lack replicas until none does: how far it is, and when it will end at the pace so far. A function of
/// what looks found, one after the other.
/// </summary>
/// <param name="StartedAt">When it was first seen.</param>
/// <param name="CopiedBefore">Replicas that had been made by then.</param>
/// <param name="Copied">Replicas made since.</param>
/// <param name="Left">Chunks that lack replicas.</param>
public sealed record HealingRun(DateTimeOffset StartedAt, long CopiedBefore, long Copied, long Left)
{
    /// <summary>What part is done, 0 to 1.</summary>
    public double Done => Copied + Left == 0 ? 1 : (double)Copied / (Copied + Left);

    /// <summary>When it ends at the pace so far; null: not to be said.</summary>
    public DateTimeOffset? ExpectedEnd(DateTimeOffset now) =>
        Copied > 0 && now > StartedAt ? now + ((now - StartedAt) * ((double)Left / Copied)) : null;

    /// <summary>The run as the next look has it; null: nothing is to be healed.</summary>
    public static HealingRun? Next(HealingRun? run, HealingStatus? healing, DateTimeOffset at)
    {
        if (healing is null) return run;
        var left = healing.UnderGoal + healing.Endangered;
        if (left == 0) return healing.TablesNotReady > 0 ? run : null;
        // Tables that start anew count from 0.
        return run is null || healing.Copied < run.CopiedBefore
            ? new(at, healing.Copied, 0, left)
            : run with { Copied = healing.Copied - run.CopiedBefore, Left = left };
    }
}
