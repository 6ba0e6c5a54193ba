namespace Gofs.Tests.Histories;

/// <summary>The search for an order of one history; see <see cref="Linearizability"/>.</summary>
internal sealed class Search<TState, TOp>
    where TState : IEquatable<TState>
{
    private readonly ISequentialModel<TState, TOp> model;
    private readonly Call<TOp>[] calls;
    private readonly List<(int Call, TState Before)> taken = [];
    private readonly HashSet<Tried> tried = [];
    private readonly ulong[] done;

    // Invocations and answers by time, as a list that calls are lifted out of and put back into: 2i is the invocation of call i, 2i + 1 its answer.
    private readonly int[] next;
    private readonly int[] previous;
    private readonly int head;
    private readonly int end;

    public Search(ISequentialModel<TState, TOp> model, Call<TOp>[] calls)
    {
        (this.model, this.calls) = (model, calls);
        done = new ulong[(calls.Length + 63) / 64];
        (head, end) = (2 * calls.Length, (2 * calls.Length) + 1);
        (next, previous) = (new int[end + 1], new int[end + 1]);
        var last = head;

        // What is asked at the very moment of an answer may have come before it.
        foreach (var one in Enumerable.Range(0, 2 * calls.Length).OrderBy(TimeOf).ThenBy(one => one & 1)) last = Follow(last, one);
        Follow(last, end);
    }

    /// <summary>The most calls that were ordered, in that order.</summary>
    public IReadOnlyCollection<int> Longest { get; private set; } = [];

    /// <summary>The call whose answer nothing explains after them.</summary>
    public int Stuck { get; private set; }

    /// <summary>Whether there is an order.</summary>
    public bool Run(int mostSteps)
    {
        var (at, state) = (next[head], model.Initial);
        for (var steps = 0; next[head] != end; steps++)
        {
            if (steps == mostSteps) throw new InvalidOperationException($"not decided after {mostSteps} steps: {calls.Length} calls overlap too much");
            if ((at & 1) == 0)
            {
                var call = at / 2;
                if (model.TryApply(state, calls[call].Op, calls[call].IsAnswered, out var after) && IsNew(call, after))
                {
                    taken.Add((call, state));
                    Lift(call);
                    (at, state) = (next[head], after);
                }
                else
                {
                    at = next[at];
                }

                continue;
            }

            Note(at / 2);
            if (taken.Count == 0) return false;
            (var last, state) = taken[^1];
            taken.RemoveAt(taken.Count - 1);
            PutBack(last);
            at = next[2 * last];
        }

        return true;
    }

    private long TimeOf(int one) => (one & 1) == 0 ? calls[one / 2].Invoked : calls[one / 2].Returned;

    private int Follow(int last, int one)
    {
        (next[last], previous[one]) = (one, last);
        return one;
    }

    private bool IsNew(int call, TState after)
    {
        done[call / 64] |= 1UL << call;
        if (tried.Add(new([.. done], after))) return true;
        done[call / 64] &= ~(1UL << call);
        return false;
    }

    private void Lift(int call)
    {
        foreach (var one in (int[])[2 * call, (2 * call) + 1]) (next[previous[one]], previous[next[one]]) = (next[one], previous[one]);
    }

    private void PutBack(int call)
    {
        done[call / 64] &= ~(1UL << call);
        foreach (var one in (int[])[(2 * call) + 1, 2 * call]) next[previous[one]] = previous[next[one]] = one;
    }

    private void Note(int stuck)
    {
        if (taken.Count > Longest.Count || Longest.Count == 0) (Longest, Stuck) = ([.. taken.Select(one => one.Call)], stuck);
    }

    private readonly record struct Tried(ulong[] Done, TState State)
    {
        public bool Equals(Tried other) => State.Equals(other.State) && Done.AsSpan().SequenceEqual(other.Done);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(State);
            foreach (var word in Done) hash.Add(word);
            return hash.ToHashCode();
        }
    }
}
