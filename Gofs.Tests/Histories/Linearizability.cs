using System.Text;

namespace Gofs.Tests.Histories;

/// <summary>
/// Whether the calls of many clients have an order, each call at a moment between its invocation and its answer, in which one client at a time would have
/// got the same answers (Herlihy and Wing, 1990). The search is Wing and Gong's with Lowe's memory of what was tried: calls are taken in the order they
/// were made; one that the model accepts is tried as the next to take effect, and when the first answer is reached whose call has not been tried, the
/// last try is taken back. A pair of (which calls took effect, state) that led nowhere once is not tried again. The time is exponential in how many calls
/// overlap, so whoever can splits a history into parts that have nothing in common (a directory, a file, a record).
/// </summary>
internal static class Linearizability
{
    private const int MostSteps = 50_000_000;
    private const int ShownCalls = 40;

    /// <summary>Why the history has no such order, or null when it has one.</summary>
    /// <exception cref="InvalidOperationException">It was not decided within the steps there are.</exception>
    public static string? Fault<TState, TOp>(ISequentialModel<TState, TOp> model, IReadOnlyCollection<Call<TOp>> history)
        where TState : IEquatable<TState>
    {
        Call<TOp>[] calls = [.. history.OrderBy(call => call.Invoked)];
        var search = new Search<TState, TOp>(model, calls);
        return search.Run(MostSteps) ? null : Explain(calls, search.Longest, search.Stuck);
    }

    private static string Explain<TOp>(Call<TOp>[] calls, IReadOnlyCollection<int> order, int stuck)
    {
        var text = new StringBuilder().Append("no order explains ").Append(calls[stuck]).Append("\nafter, at best, these took effect one after the other:\n");
        foreach (var index in order.Skip(Math.Max(0, order.Count - ShownCalls))) text.Append("  ").Append(calls[index]).Append('\n');
        text.Append("and these were under way:\n");
        var done = order.ToHashSet();
        for (var index = 0; index < calls.Length; index++)
        {
            if (!done.Contains(index) && index != stuck && calls[index].Invoked <= calls[stuck].Returned) text.Append("  ").Append(calls[index]).Append('\n');
        }

        return text.ToString();
    }
}
