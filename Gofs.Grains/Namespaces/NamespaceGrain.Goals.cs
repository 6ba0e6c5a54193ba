using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Goals: see <see cref="GoalDuties"/>.</summary>
internal sealed partial class NamespaceGrain
{
    private GoalDuties? goals;

    /// <inheritdoc/>
    public async Task<GoalStep> SetGoalAsync(SetGoal command, CancellationToken cancellation)
    {
        await goals!.MakeRoomAsync(cancellation);
        // What a step of a tree answers is how far it came, and names may have gone since: it is taken again, from where it began.
        if (command.Recursive && State.Results.TryGet(command.OpId, out _)) command = command with { OpId = OpId.New() };
        var (happened, step) = GoalDecisions.Set(State, command, reservations);
        // One that was taken already is not taken again: somebody may have set another goal since.
        Do(command.OpId, () => happened is null || command.After is not null ? happened : Asked("setrep", GoalDecisions.Describe(command), happened));
        await DurableAsync(cancellation);
        return step;
    }

    /// <inheritdoc/>
    public async Task<int> GetGoalAsync(InodeNumber inode, CancellationToken cancellation)
    {
        var goal = State.Tree.Has(inode.Value) && State.Tree[inode.Value].Goal is > 0 and var its ? its : State.Config.Goal;
        await DurableAsync(cancellation);
        return goal;
    }
}
