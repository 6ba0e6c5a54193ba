using System.Numerics;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>
/// A set of numbers that were given out one after the other: a bit each, in pages that are made when they are needed, so that a million inodes or
/// chunks cost some hundred kilobytes.
/// </summary>
internal sealed class NumberSet
{
    private const int PageShift = 15;
    private const int WordsInPage = 1 << (PageShift - 6);
    private readonly SortedDictionary<long, ulong[]> pages = [];

    /// <summary>How many numbers are in it.</summary>
    public long Count { get; private set; }

    /// <summary>Puts one in; false when it is there already.</summary>
    public bool Add(long number)
    {
        if (!pages.TryGetValue(number >> PageShift, out var page)) pages[number >> PageShift] = page = new ulong[WordsInPage];
        ref var word = ref page[WordOf(number)];
        if ((word & BitOf(number)) != 0) return false;
        word |= BitOf(number);
        Count++;
        return true;
    }

    /// <summary>Takes one out; false when it is not there.</summary>
    public bool Remove(long number)
    {
        if (!Contains(number)) return false;
        pages[number >> PageShift][WordOf(number)] &= ~BitOf(number);
        Count--;
        return true;
    }

    /// <summary>Whether one is in it.</summary>
    public bool Contains(long number) =>
        pages.TryGetValue(number >> PageShift, out var page) && (page[WordOf(number)] & BitOf(number)) != 0;

    /// <summary>All of them, in order.</summary>
    public IEnumerable<long> All()
    {
        foreach (var (place, page) in pages)
        {
            for (var at = 0; at < page.Length; at++)
            {
                for (var word = page[at]; word != 0; word &= word - 1)
                    yield return (place << PageShift) + ((long)at << 6) + BitOperations.TrailingZeroCount(word);
            }
        }
    }

    private static int WordOf(long number) => (int)(number & ((1 << PageShift) - 1)) >> 6;

    private static ulong BitOf(long number) => 1UL << (int)(number & 63);
}
