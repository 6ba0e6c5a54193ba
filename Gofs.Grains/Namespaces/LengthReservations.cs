namespace Gofs.Grains.Namespaces;

/// <summary>
/// Bytes set aside, where there is a quota, for files that grow and whose flush has not arrived, and for clones that were made of a file while it was
/// open: they are still to be given its chunk list, and may come to be as long as it is by then. What files set aside is volatile: a master that starts anew
/// counts what is flushed.
/// </summary>
internal sealed class LengthReservations
{
    private readonly Dictionary<long, long> lengths = [];

    /// <summary>A file is going to be this long.</summary>
    public void Reserve(long inode, long lengthBytes) => lengths[inode] = lengthBytes;

    /// <summary>A flush arrived.</summary>
    public void Arrived(long inode, long lengthBytes, bool closed)
    {
        if (lengths.TryGetValue(inode, out var reserved) && (closed || lengthBytes >= reserved)) lengths.Remove(inode);
    }

    /// <summary>Bytes set aside for all files but one, past what they have.</summary>
    public ByteCount OfOthers(NamespaceState state, long inode) =>
        Growing(state).Where(file => file != inode).Aggregate(default(ByteCount), (sum, file) => sum + Growth(state, file, 0));

    /// <summary>Bytes set aside for files in a tree, past what they have: a clone of it may come to have them too.</summary>
    public ByteCount Below(NamespaceState state, long top) => Growing(state).Aggregate(default(ByteCount), (sum, file) =>
        sum + Sum(state, AsLongAs(state, file).Where(one => state.Tree.IsWithin(one, top)), Expected(state, file)));

    /// <summary>What it takes that a file is so long, or as long as is set aside for it, past what it and its clones have.</summary>
    public ByteCount Growth(NamespaceState state, long inode, long lengthBytes)
    {
        var length = Math.Max(lengthBytes, Expected(state, inode));
        return state.Clones.Count == 0
            ? ByteCount.Of(Math.Max(0, length - state.Tree[inode].LengthBytes), state.Tree[inode].Goal)
            : Sum(state, AsLongAs(state, inode), length);
    }

    /// <summary>How long a file is or may come to be.</summary>
    public long LengthOf(NamespaceState state, long inode)
    {
        var length = Expected(state, inode);
        for (var file = inode; state.Clones.TryGet(file, out var its); file = its.Origin)
        {
            if (its.WasOpen) length = Math.Max(length, Expected(state, its.Origin));
        }

        return length;
    }

    private static ByteCount Sum(NamespaceState state, IEnumerable<long> files, long lengthBytes) => files.Aggregate(default(ByteCount), (sum, file) =>
        sum + ByteCount.Of(Math.Max(0, lengthBytes - state.Tree[file].LengthBytes), state.Tree[file].Goal));

    // A file that is written to, clones that were made of it meanwhile, and clones of these. Others have their chunk lists before it is written to.
    private static IEnumerable<long> AsLongAs(NamespaceState state, long inode)
    {
        var waiting = new Stack<long>([inode]);
        while (waiting.TryPop(out var file))
        {
            yield return file;
            foreach (var clone in state.Clones.Of(file))
            {
                if (file != inode || (state.Clones.TryGet(clone, out var its) && its.WasOpen)) waiting.Push(clone);
            }
        }
    }

    private IEnumerable<long> Growing(NamespaceState state)
    {
        foreach (var gone in lengths.Keys.Where(one => !state.Open.ContainsKey(one)).ToArray()) lengths.Remove(gone);
        return lengths.Keys.Union(state.Clones.OpenOrigins);
    }

    private long Expected(NamespaceState state, long inode) => Math.Max(state.Tree[inode].LengthBytes, lengths.GetValueOrDefault(inode));
}
