using CsCheck;
using Gofs.Internal;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>How a record stands in a chunk, and which are told apart.</summary>
public sealed class RecordFrameTests
{
    /// <summary>What is on disk stays as it is.</summary>
    [Fact]
    public void Golden_Head()
    {
        var bytes = new byte[RecordFrame.HeadBytes];
        new RecordFrame(5, 0x1112131415161718, 7, Crc32C.Compute("hello"u8)).Format(bytes);
        Assert.Equal("4752454305000000181716151413121107000000000000004CBB719A2EE9EBE0", Convert.ToHexString(bytes));
    }

    [Fact]
    public void FormatThenParse_GivesTheSame_AndAnyBitFlippedIsNoHead()
    {
        var frame = new RecordFrame(RecordFrame.MostBytes, ulong.MaxValue, 1, 0x41424344);
        var good = new byte[RecordFrame.HeadBytes];
        frame.Format(good);
        Assert.True(RecordFrame.TryParse(good, out var read));
        Assert.Equal(frame, read);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bytes = good.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RecordFrame.TryParse(bytes, out _), $"bit {bit}");
        }

        Assert.False(RecordFrame.TryParse(good.AsSpan(0, RecordFrame.HeadBytes - 1), out _));
    }

    [Fact]
    public void SeenRecords_GivesEachOutOnce_InWhateverOrderTheyCome() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 60]).List[0, 400].Sample(added =>
        {
            var (seen, model) = (new SeenRecords(), new HashSet<(int, int)>());
            foreach (var (appender, sequence) in added) Assert.Equal(model.Add((appender, sequence)), seen.Add((ulong)appender, (ulong)sequence));
        });

    [Fact]
    public void SeenRecords_IsBounded_AndForgetsTheAppenderSeenLongestAgo()
    {
        var seen = new SeenRecords();
        for (var i = 0ul; i <= SeenRecords.MostAppenders; i++) Assert.True(seen.Add(i, 1));
        Assert.False(seen.Add(1, 1));
        Assert.True(seen.Add(0, 1));
        for (var i = 2ul; i < 3 * SeenRecords.MostAbove; i += 2) Assert.True(seen.Add(9, i));
        Assert.False(seen.Add(9, 3)); // the gap it is in was given up
    }
}
