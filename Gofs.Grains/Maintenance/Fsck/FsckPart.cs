using Gofs.Chunks;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>Some of a file's chunks, so that a large file is checked piece by piece.</summary>
/// <param name="File">The file.</param>
/// <param name="Indexes">Their places in it; a null says all from <paramref name="First"/> on, <paramref name="Count"/> of them.</param>
/// <param name="First">The first chunk's place.</param>
/// <param name="Count">How many.</param>
/// <param name="IsFirst">Whether what is the whole file's is checked with it.</param>
internal sealed record FsckPart(FsckFile File, int[]? Indexes, int First, int Count, bool IsFirst)
{
    /// <summary>A file in parts of at most so many chunks; one at least.</summary>
    public static IEnumerable<FsckPart> Of(FsckFile file, int most)
    {
        yield return new(file, null, 0, Math.Min(most, file.ChunkCount), IsFirst: true);
        for (var first = most; first < file.ChunkCount; first += most)
            yield return new(file, null, first, Math.Min(most, file.ChunkCount - first), IsFirst: false);
    }

    /// <summary>Certain chunks of a file, and what is the whole file's.</summary>
    public static IEnumerable<FsckPart> Of(FsckFile file, int[] indexes) => [new(file, indexes, 0, indexes.Length, IsFirst: true)];

    /// <summary>The chunks, without holes.</summary>
    public IEnumerable<(int Index, ChunkHandle Handle)> Chunks() => (Indexes ?? Enumerable.Range(First, Count))
        .Select(index => (index, File.ChunkAt(index))).Where(chunk => chunk.Item2 != ChunkHandle.None);
}
