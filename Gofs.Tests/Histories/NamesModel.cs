using System.Diagnostics;

namespace Gofs.Tests.Histories;

/// <summary>A few names of a namespace, nothing there at first.</summary>
internal sealed class NamesModel(int names) : ISequentialModel<Tags, NameOp>
{
    public Tags Initial { get; } = new(new long[names]);

    public bool TryApply(Tags state, NameOp op, bool isAnswered, out Tags next)
    {
        if (op is NameOp.Look look)
        {
            next = state;
            return !isAnswered || state[look.Name] == look.Found;
        }

        if (op is NameOp.List list)
        {
            next = state;
            return !isAnswered || state.HasAt(list.First, list.Found);
        }

        var answer = Answer(state, op);
        next = answer == NameAnswer.Done ? Change(state, op) : state;
        return !isAnswered || answer == op.Answer;
    }

    private static NameAnswer Answer(Tags state, NameOp op) => op switch
    {
        NameOp.Create(var name, _) when state[name] != 0 => NameAnswer.ThereAlready,
        NameOp.Mark(var name, _) when state[name] == 0 => NameAnswer.NotThere,
        NameOp.Remove(var name) when state[name] == 0 => NameAnswer.NotThere,
        NameOp.Move(var from, _, _) when state[from] == 0 => NameAnswer.NotThere,
        NameOp.Move(_, var to, true) when state[to] != 0 => NameAnswer.ThereAlready,
        _ => NameAnswer.Done,
    };

    private static Tags Change(Tags state, NameOp op) => op switch
    {
        NameOp.Put(var name, var tag) => state.With(name, tag),
        NameOp.Create(var name, var tag) => state.With(name, tag),
        NameOp.Mark(var name, var tag) => state.With(name, tag),
        NameOp.Remove(var name) => state.With(name, 0),
        NameOp.Move(var from, var to, _) => state.With(to, state[from]).With(from, 0),
        _ => throw new UnreachableException($"{op} changes nothing"),
    };
}
