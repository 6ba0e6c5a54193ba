using Gofs.Chunks;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Files;

/// <summary>
/// How many replicas of its chunks a file wants. The namespace has it (GoalDuties there), this activation a copy: what the namespace said when a writer
/// opened the file or when it was asked, and from then on what it tells. New chunks are placed and confirmed with it.
/// </summary>
internal sealed partial class FileGrain
{
    /// <summary>0: not known to this activation.</summary>
    private int goal;

    /// <inheritdoc/>
    public async Task SetGoalAsync(int goal, CancellationToken cancellation)
    {
        if (!NamespaceConfig.IsGoal(goal)) throw new GofsException(GofsError.InvalidArgument, $"goal is 1 to {NamespaceConfig.MostReplicas}, not {goal}");
        using var change = await changes.EnterAsync(cancellation);
        this.goal = goal;
        await DurableAsync(cancellation);
        ChunkHandle[] chunks = [.. State.Chunks];
        // A confirmation under way may have the former goal: it has come when this one is answered.
        await ConfirmAsync(chunks, cancellation);
        await AtTablesAsync(chunks, (_, some) => Control(some[0]).SetGoalsAsync(
            [.. some.Select(chunk => new ChunkReference(chunk, inode.Value))], this.goal, cancellation)); // a newer one may have come meanwhile
    }

    private async ValueTask<int> GoalAsync(CancellationToken cancellation)
    {
        if (goal > 0) return goal;
        var (name, _) = await settings.GetAsync(namespaceNumber, cancellation);
        var asked = await GrainFactory.GetGrain<INamespaceControlGrain>(name).GetGoalAsync(inode, cancellation);
        // What the namespace told meanwhile is newer.
        if (goal == 0) goal = asked;
        return goal;
    }

    // What a client heard from the namespace a moment ago saves asking it; what this grain was told is newer.
    private void LearnGoal(int heard, long openedAt)
    {
        if (goal == 0 && NamespaceConfig.IsGoal(heard) && OpenDecisions.IsRecent(openedAt, Nanoseconds())) goal = heard;
    }
}
