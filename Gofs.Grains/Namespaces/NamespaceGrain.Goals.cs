using Gofs.Internal;
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
        // What a step of a tree answers is how far it came, and names may have gone since: it is taken again, from where it began. Not so when it is the first
        // asking, come late: its client has gone on.
        if (command.Recursive && AskedAgain.Current && State.Results.TryGet(command.OpId, out var result) && result >= 0)
            command = command with { OpId = OpId.New() };
        return await AnswerAsync(() => SetGoal(command), cancellation);
    }

    /// <inheritdoc/>
    public Task<int> GetGoalAsync(InodeNumber inode, CancellationToken cancellation) => AnswerAsync(
        () => State.Tree.Has(inode.Value) && State.Tree[inode.Value].Goal is > 0 and var its ? its : State.Config.Goal, cancellation);

    private GoalStep SetGoal(SetGoal command)
    {
        GoalStep? step = null;
        // One that was taken already is not taken again: somebody may have set another goal since.
        Do(command.OpId, () =>
        {
            (var happened, step) = GoalDecisions.Set(State, command, reservations);
            return happened is null || command.After is not null ? happened : Asked("setrep", GoalDecisions.Describe(command), happened);
        });
        return step ?? GoalDecisions.Set(State, command, reservations).Step;
    }
}
