namespace Gofs.Tests.Histories;

/// <summary>What an object does when one client at a time asks it. States are values: equal ones are the same.</summary>
internal interface ISequentialModel<TState, TOp>
    where TState : IEquatable<TState>
{
    /// <summary>Before anything happened.</summary>
    TState Initial { get; }

    /// <summary>The state after an operation, or false when the answer it has can't be the answer in this state.</summary>
    /// <param name="isAnswered">Without an answer any is right; what could not be done changes nothing.</param>
    bool TryApply(TState state, TOp op, bool isAnswered, out TState next);
}
