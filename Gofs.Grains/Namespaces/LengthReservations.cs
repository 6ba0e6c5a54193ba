namespace Gofs.Grains.Namespaces;

/// <summary>
/// Bytes set aside, where there is a quota, for files that grow and whose flush has not arrived. Volatile: a master that starts anew
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
    public long OfOthers(NamespaceState state, long inode)
    {
        foreach (var gone in lengths.Keys.Where(one => !state.Open.ContainsKey(one)).ToArray()) lengths.Remove(gone);
        return lengths.Where(one => one.Key != inode).Sum(one => Math.Max(0, one.Value - state.Tree[one.Key].LengthBytes));
    }
}
