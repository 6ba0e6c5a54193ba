namespace Gofs.Web.Live;

/// <summary>What is known of the cluster at a moment.</summary>
/// <param name="Now">The moment.</param>
/// <param name="View">The last look that succeeded, or null before the first.</param>
/// <param name="Failure">Why the latest look failed, one sentence; null when it did not.</param>
/// <param name="Events">What was seen to change, newest first.</param>
/// <param name="Rates">EditLog records a second, of all namespaces together, oldest first: one number for each look.</param>
public sealed record ClusterNews(
    DateTimeOffset Now, ClusterView? View, string? Failure, IReadOnlyList<ClusterEvent> Events, IReadOnlyList<double> Rates)
{
    /// <summary>A look older than this is said to be old.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);

    /// <summary>Before anything is known.</summary>
    public static ClusterNews None { get; } = new(default, null, null, [], []);

    /// <summary>The re-replication that is under way; null: none.</summary>
    public HealingRun? Healing { get; init; }

    /// <summary>Stands for what a person sees of the look: another when that is something else (<see cref="ViewFace"/>).</summary>
    public object Face { get; init; } = new();

    /// <summary>How old the look is.</summary>
    public TimeSpan Age => View is null ? TimeSpan.Zero : Now - View.At;

    /// <summary>Whether what is shown is old.</summary>
    public bool IsStale => View is not null && Age > FreshFor;
}
