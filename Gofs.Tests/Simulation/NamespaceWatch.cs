using System.Globalization;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A request that is under way, and what may be answered: what was true at some moment since it was asked, of the durable state. A command may
/// only be answered as carried out when it is in the history.
/// </summary>
internal sealed class NamespaceWatch(NamespaceHistory history, INamespaceRequest request)
{
    private readonly HashSet<string> answers = [];

    public INamespaceRequest Request => request;

    /// <summary>The command's op-id; null for a lookup.</summary>
    public OpId? OpId { get; } = request.GetType().GetProperty("OpId")?.GetValue(request) as OpId?;

    /// <summary>Takes note of what could be answered now.</summary>
    public void Look()
    {
        if (Answer() is { } now) answers.Add(now);
    }

    /// <summary>Whether this may be answered.</summary>
    public bool MayAnswer(string answer) => answers.Contains(answer);

    /// <inheritdoc/>
    public override string ToString() => answers.Count == 0 ? "nothing yet" : string.Join(" or ", answers.Select(one => $"'{one}'"));

    /// <summary>An answer in words.</summary>
    public static string Describe(NamespaceAnswer answer) => answer.Refusal is { } refused ? $"refused {refused.Error}" : Describe(answer.Entry);

    /// <summary>What is there in words.</summary>
    public static string Describe(Entry? entry) => entry is null ? "nothing" : string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Type} {entry.Inode} {entry.Mode} {entry.Owner}:{entry.Group} {entry.LengthBytes} at {entry.ModifiedAt} with {entry.Entries}, ")
        + Convert.ToHexString(entry.Name);

    private string? Answer()
    {
        var state = history.Model;
        if (state.Number == 0) return null; // there is no tree yet
        try
        {
            return OpId is { } opId && history.Has(opId) ? Done(state, history.ResultOf(opId)) : Undone(state);
        }
        catch (GofsException refused)
        {
            return $"refused {refused.Error}";
        }
    }

    private string Done(NamespaceState state, long result)
    {
        if (result < 0) return $"refused {(GofsError)~result}";
        if (request is Rename or Remove or SetExtendedAttribute) return Describe((Entry?)null);
        return state.Tree.Has(result) ? Describe(NamespaceQueries.EntryOf(state, result)) : $"refused {GofsError.NotFound}";
    }

    // Null where it would be carried out: then only that it was may be answered.
    private string? Undone(NamespaceState state)
    {
        NamespaceEvent? happens = request switch
        {
            MakeDirectory make => TreeDecisions.Make(state, make, 0),
            MakeSymlink make => TreeDecisions.Make(state, make, 0),
            PutFile put => OpenFileDecisions.Put(state, put, new(), 0),
            Rename move => TreeDecisions.Move(state, move, 0),
            Remove remove => TreeDecisions.Remove(state, remove, 0),
            SetAttributes set => TreeDecisions.Set(state, set),
            SetExtendedAttribute set => TreeDecisions.Set(state, set),
            _ => null,
        };
        if (happens is not null) return null;
        return request switch
        {
            Lookup lookup => Describe(NamespaceHistory.Find(state, lookup)),
            MakeDirectory make => Describe(NamespaceQueries.EntryOf(state, PathResolution.RequireDirectory(state, make.Path))),
            _ => Describe((Entry?)null),
        };
    }
}
