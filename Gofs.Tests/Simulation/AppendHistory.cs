using System.Buffers.Binary;
using Gofs.Namespaces;

namespace Gofs.Tests.Simulation;

/// <summary>
/// Records that were appended to files, and where they were said to be. What must not be ends the run: two records at one place; an acknowledged record that
/// a later reader is not shown, or that is another one.
/// </summary>
internal sealed class AppendHistory(SimWorld world)
{
    private const int HeadBytes = 12;
    private readonly SortedDictionary<long, SortedDictionary<long, byte[]>> files = [];
    private uint last;

    /// <summary>How many were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The bytes of another record: which it is, how long it is, and what follows of that.</summary>
    public byte[] Next(int length)
    {
        var bytes = new byte[HeadBytes + length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x5EC04D00);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), ++last);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), bytes.Length);
        for (var i = HeadBytes; i < bytes.Length; i++) bytes[i] = (byte)(1 + (((last * 31) + (uint)i) % 255));
        return bytes;
    }

    /// <summary>A record was acknowledged.</summary>
    public void Acknowledge(InodeNumber file, long at, byte[] record)
    {
        var there = Of(file);
        foreach (var (start, other) in there.Where(one => one.Key < at + record.Length && at < one.Key + one.Value.Length))
        {
            world.Wrong($"file {file.Value}: records {Id(record)} and {Id(other)} were both acknowledged, at {at} and {start}");
            return;
        }

        there.Add(at, record);
        Acknowledged++;
    }

    /// <summary>What a reader that begins now must be shown: where each record is.</summary>
    public IReadOnlyList<(long At, byte[] Record)> Expect(InodeNumber file) => [.. Of(file).Select(one => (one.Key, one.Value))];

    /// <summary>A reader was told how long the file is.</summary>
    public void CheckLength(InodeNumber file, IReadOnlyList<(long At, byte[] Record)> expected, long length)
    {
        if (expected.Count == 0) return;
        var (at, record) = expected[^1];
        if (length < at + record.Length) world.Wrong($"file {file.Value} has {length} bytes; record {Id(record)} was acknowledged at {at} with {record.Length}");
    }

    /// <summary>A reader was given bytes.</summary>
    public void CheckBytes(InodeNumber file, IReadOnlyList<(long At, byte[] Record)> expected, long offset, ReadOnlySpan<byte> bytes)
    {
        foreach (var (at, record) in expected)
        {
            var (from, to) = (Math.Max(at, offset), Math.Min(at + record.Length, offset + bytes.Length));
            if (from >= to) continue;
            var read = bytes[(int)(from - offset)..(int)(to - offset)];
            if (read.SequenceEqual(record.AsSpan((int)(from - at), read.Length))) continue;
            world.Wrong($"file {file.Value}: record {Id(record)} was acknowledged at {at}, and {from} to {to} read otherwise");
            return;
        }
    }

    private static uint Id(byte[] record) => BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(4));

    private SortedDictionary<long, byte[]> Of(InodeNumber file)
    {
        if (!files.TryGetValue(file.Value, out var there)) files[file.Value] = there = [];
        return there;
    }
}
