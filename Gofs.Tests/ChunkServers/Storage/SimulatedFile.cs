namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>
/// One file of a <see cref="SimulatedDisk"/>: its bytes as seen and as durable, in sectors. A sector that was written since the last sync may be
/// on the disk or not; of a sector written several times any version may be there, as may any length it had.
/// </summary>
internal sealed class SimulatedFile(long serial)
{
    private const int SectorBytes = SimulatedDisk.SectorBytes;
    private const int PageBytes = 4096;
    private readonly SortedDictionary<long, List<byte[]>> versions = [];
    private readonly List<long> lengths = [];
    private readonly HashSet<long> pages = [];
    private byte[] seen = [];
    private byte[] durable = [];
    private int seenLength;
    private int durableLength;

    /// <summary>Which it is, in the order they were made.</summary>
    public long Serial { get; } = serial;

    /// <summary>As seen.</summary>
    public long Length => seenLength;

    /// <summary>Pages it has.</summary>
    public int Pages => pages.Count;

    /// <summary>Whether nothing of it is only in the page cache.</summary>
    public bool IsSynced => versions.Count == 0 && lengths.Count == 0;

    /// <summary>The same of a range; how long the file is, is another matter.</summary>
    public bool IsSyncedIn(long offset, long length) =>
        !versions.Keys.Any(sector => sector * SectorBytes < offset + length && (sector + 1) * SectorBytes > offset);

    public ReadOnlySpan<byte> Seen() => seen.AsSpan(0, seenLength);

    public int Read(Span<byte> into, long offset)
    {
        var count = (int)Math.Clamp(seenLength - offset, 0, into.Length);
        if (count > 0) seen.AsSpan((int)offset, count).CopyTo(into);
        return count;
    }

    public void Write(ReadOnlySpan<byte> data, long offset)
    {
        if (data.Length == 0) return;
        Extend(ref seen, offset + data.Length);
        data.CopyTo(seen.AsSpan((int)offset));
        seenLength = (int)Math.Max(seenLength, offset + data.Length);
        Reserve(offset, data.Length);
        NoteSectors(offset, data.Length);
        lengths.Add(seenLength);
    }

    public void SetLength(long length)
    {
        Extend(ref seen, length);
        var cut = seenLength - length;
        if (length < seenLength) seen.AsSpan((int)length, seenLength - (int)length).Clear();
        seenLength = (int)length;
        pages.RemoveWhere(page => page * PageBytes >= length);
        lengths.Add(length);
        if (cut > 0) NoteSectors(length, cut);
    }

    public void Discard(long offset, long length)
    {
        var count = (int)Math.Clamp(seenLength - offset, 0, length);
        if (count == 0) return;
        seen.AsSpan((int)offset, count).Clear();
        pages.RemoveWhere(page => page * PageBytes >= offset && (page + 1) * PageBytes <= offset + length);
        NoteSectors(offset, count);
    }

    public void Reserve(long offset, long length)
    {
        for (var page = offset / PageBytes; page <= (offset + length - 1) / PageBytes; page++) pages.Add(page);
    }

    public int MissingPages(long offset, long length)
    {
        var missing = 0;
        for (var page = offset / PageBytes; length > 0 && page <= (offset + length - 1) / PageBytes; page++) missing += pages.Contains(page) ? 0 : 1;
        return missing;
    }

    public void Sync()
    {
        if (lengths.Count == 0 && versions.Count == 0) return;
        Extend(ref durable, seenLength);
        foreach (var sector in versions.Keys) CopySector(seen, durable, sector);
        durableLength = seenLength;
        if (durable.Length > durableLength) durable.AsSpan(durableLength).Clear();
        versions.Clear();
        lengths.Clear();
    }

    public void FlipBit(long offset, int bit)
    {
        seen[offset] ^= (byte)(1 << bit);
        if (offset < durable.Length) durable[offset] ^= (byte)(1 << bit);
    }

    public void Crash(Random random)
    {
        if (lengths.Count > 0 && random.Next(2) == 0) durableLength = (int)lengths[random.Next(lengths.Count)];
        Extend(ref durable, durableLength);
        foreach (var (sector, written) in versions)
        {
            if (random.Next(2) != 0) continue;
            var at = (int)(sector * SectorBytes);
            if (at >= durable.Length) continue;
            var bytes = written[random.Next(written.Count)];
            bytes.AsSpan(0, Math.Min(SectorBytes, durable.Length - at)).CopyTo(durable.AsSpan(at));
        }

        if (durable.Length > durableLength) durable.AsSpan(durableLength).Clear();
        seen = [.. durable.AsSpan(0, durableLength)];
        durable = [.. seen];
        seenLength = durableLength;
        pages.RemoveWhere(page => page * PageBytes >= seenLength);
        versions.Clear();
        lengths.Clear();
    }

    private void NoteSectors(long offset, long length)
    {
        for (var sector = offset / SectorBytes; sector <= (offset + length - 1) / SectorBytes; sector++)
        {
            if (!versions.TryGetValue(sector, out var written)) versions[sector] = written = [];
            var bytes = new byte[SectorBytes];
            var at = (int)(sector * SectorBytes);
            var count = Math.Min(SectorBytes, seen.Length - at);
            if (count > 0) seen.AsSpan(at, count).CopyTo(bytes);
            written.Add(bytes);
        }
    }

    private static void CopySector(byte[] from, byte[] to, long sector)
    {
        var at = (int)(sector * SectorBytes);
        var count = Math.Min(SectorBytes, Math.Min(from.Length, to.Length) - at);
        if (count > 0) from.AsSpan(at, count).CopyTo(to.AsSpan(at));
    }

    private static void Extend(ref byte[] bytes, long length)
    {
        if (length > bytes.Length) Array.Resize(ref bytes, (int)Math.Max(length, Math.Min(bytes.Length * 2L, int.MaxValue / 2)));
    }
}
