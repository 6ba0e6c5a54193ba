using CsCheck;
using Gofs.Internal;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>How a part of a long record stands in a chunk, and that nothing else is taken for one.</summary>
public sealed class RecordPartTests
{
    private static readonly Gen<RecordPart> Parts = Gen.Select(
        Gen.Int[1, RecordPart.MostBytes], Gen.ULong, Gen.ULong, Gen.Int[0, 1 << 28], Gen.Int[0, 1 << 28], Gen.UInt,
        (length, appender, sequence, offset, more, crc) => new RecordPart(length, appender, sequence, offset, offset + length + more, crc));

    /// <summary>What is on disk stays as it is.</summary>
    [Fact]
    public void Golden_Head()
    {
        var bytes = new byte[RecordPart.HeadBytes];
        new RecordPart(5, 0x1112131415161718, 7, 1 << 20, 3_000_000, Crc32C.Compute("hello"u8)).Format(bytes);
        Assert.Equal("47525054050000001817161514131211070000000000000000001000C0C62D004CBB719A", Convert.ToHexString(bytes.AsSpan(0, 36)));
        Assert.Equal(Crc32C.Compute(bytes.AsSpan(0, 36)), BitConverter.ToUInt32(bytes.AsSpan(36)));
    }

    [Fact]
    public void FormatThenParse_GivesTheSame_AndIsNoWholeRecord() => Parts.Sample(part =>
    {
        var bytes = new byte[RecordHead.MostBytes];
        part.Format(bytes);
        Assert.True(RecordHead.TryParse(bytes, out var head));
        Assert.Equal((part, null), (head.Part, head.Whole));
        Assert.Equal((RecordPart.HeadBytes, part.Length, part.Crc), (head.Bytes, head.Length, head.Crc));
        Assert.False(RecordFrame.TryParse(bytes, out _));
    });

    [Fact]
    public void AnyBitFlipped_IsNoHead() => Gen.Select(Parts, Gen.Int[0, (RecordPart.HeadBytes * 8) - 1]).Sample(one =>
    {
        var (part, bit) = one;
        var bytes = new byte[RecordPart.HeadBytes];
        part.Format(bytes);
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        Assert.False(RecordHead.TryParse(bytes, out _));
        Assert.False(RecordHead.TryParse(bytes.AsSpan(0, RecordPart.HeadBytes - 1), out _));
    });

    /// <summary>A head whose CRC is right may still lie: who wrote it may be wrong.</summary>
    [Fact]
    public void HeadThatMakesNoSense_IsNone() =>
        Gen.Select(Gen.Int, Gen.Int, Gen.Int).Sample(one =>
        {
            var (length, offset, total) = one;
            var bytes = new byte[RecordPart.HeadBytes];
            new RecordPart(length, 1, 1, offset, total, 0).Format(bytes);
            var makesSense = length is >= 1 and <= RecordPart.MostBytes && offset >= 0 && (long)offset + length <= total;
            Assert.Equal(makesSense, RecordPart.TryParse(bytes, out _));
        });

    [Fact]
    public void WhateverStandsThere_IsParsedWithoutAFault_AndMarksAreFound() =>
        Gen.Int[0, 6].Select(i => (byte)"GRECPT\0"[i]).Array[0, 60].Sample(bytes =>
        {
            Assert.False(RecordHead.TryParse(bytes, out _));
            var text = System.Text.Encoding.ASCII.GetString(bytes);
            int[] marks = [text.IndexOf("GREC", StringComparison.Ordinal), text.IndexOf("GRPT", StringComparison.Ordinal)];
            Assert.Equal(marks.Where(mark => mark >= 0).DefaultIfEmpty(-1).Min(), RecordHead.Find(bytes));
        });

    [Fact]
    public void SeenRecords_KnowsWhatItHas() => Gen.Int[1, 40].List[0, 60].Sample(added =>
    {
        var (seen, model) = (new SeenRecords(), new HashSet<ulong>());
        foreach (var sequence in added)
        {
            seen.Add(1, (ulong)sequence);
            model.Add((ulong)sequence);
        }

        for (var sequence = 1ul; sequence <= 40; sequence++) Assert.Equal(model.Contains(sequence), seen.Has(1, sequence));
        Assert.False(seen.Has(2, 1));
    });
}
