using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>Some of a chunk's checksum blocks: a bit each. Pure; not thread-safe.</summary>
internal sealed class ChecksumBlockSet
{
    /// <summary>Bytes of a checksum block.</summary>
    public const int BlockBytes = ChunkHead.ChecksumBlockBytes;

    private readonly ulong[] bits;

    /// <summary>None of them yet.</summary>
    /// <param name="chunkSizeBytes">How large the chunk may become.</param>
    public ChecksumBlockSet(long chunkSizeBytes)
    {
        Most = (int)((chunkSizeBytes + BlockBytes - 1) / BlockBytes);
        bits = new ulong[(Most + 63) / 64];
    }

    /// <summary>Checksum blocks a full chunk has.</summary>
    public int Most { get; }

    /// <summary>How many are in it.</summary>
    public int Count { get; private set; }

    /// <summary>Those that the bytes from one offset to another are in.</summary>
    public void AddBytes(long from, long to)
    {
        if (to <= from) return;
        for (var index = (int)(from / BlockBytes); index <= (to - 1) / BlockBytes; index++) Add(index);
    }

    /// <summary>One more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The chunk can't have it.</exception>
    public void Add(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Most);
        var bit = 1UL << (index % 64);
        if ((bits[index / 64] & bit) != 0) return;
        bits[index / 64] |= bit;
        Count++;
    }

    /// <summary>Those from this index on are no more.</summary>
    public void CutAt(int index)
    {
        for (var i = index; i < Most; i++) Remove(i);
    }

    /// <summary>Takes all of them, ascending.</summary>
    public int[] TakeAll()
    {
        var all = new int[Count];
        for (var (index, i) = (0, 0); i < all.Length; index++)
        {
            if (Has(index)) all[i++] = index;
        }

        Array.Clear(bits);
        Count = 0;
        return all;
    }

    /// <summary>Takes the first ones that follow each other, at most so many; answers how many.</summary>
    public int TakeRun(int most, out int first)
    {
        first = 0;
        if (Count == 0) return 0;
        var word = 0;
        while (bits[word] == 0) word++;
        first = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(bits[word]);
        var run = 0;
        while (run < most && first + run < Most && Has(first + run)) Remove(first + run++);
        return run;
    }

    private bool Has(int index) => (bits[index / 64] & (1UL << (index % 64))) != 0;

    private void Remove(int index)
    {
        if (!Has(index)) return;
        bits[index / 64] &= ~(1UL << (index % 64));
        Count--;
    }
}
