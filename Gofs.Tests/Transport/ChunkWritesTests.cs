using CsCheck;
using Gofs.Chunks;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Transport;

/// <summary>Several chunks as one frame's data, and what became of them: their bytes, and what is made of bytes that are none.</summary>
public sealed class ChunkWritesTests
{
    private static readonly ChunkToken Token = new(ChunkRights.Write, 1_700_000_000_000, 7, 0x0102030405060708, 0x1112131415161718);

    private static readonly Gen<AllowedWrite[]> Writes =
        Gen.Select(Gen.ULong, Gen.Int[1, 9], Gen.Byte.Array[1, 200], Gen.Int[0, 1000], Gen.Long).Array[1, ChunkWrites.MostChunks].Select(all =>
            Array.ConvertAll(all, one => Write(one.Item1, one.Item2, one.Item3, one.Item3.Length + one.Item4, Token with { LeaseEpoch = one.Item5 })));

    private static readonly Gen<GofsException?[]> Outcomes =
        Gen.Select(Gen.Bool, Gen.Enum<GofsError>(), Gen.Int[0, 7], Gen.Char[' ', '~'].Array[0, 100]).Array[1, ChunkWrites.MostChunks].Select(all =>
            Array.ConvertAll(all, one => one.Item1 ? null : Refusal(one.Item2, one.Item3, new string(one.Item4))));

    /// <summary>What is on the wire stays as it is.</summary>
    [Fact]
    public void Golden_TwoChunks()
    {
        AllowedWrite[] writes = [Write(0x2122232425262728, 1, [1, 2, 3], 64 << 20, Token), Write(0x3132333435363738, 2, [4], 9, Token with { LeaseEpoch = 8 })];
        Assert.Equal(
            "28272625242322210100000000000004030000001EF230F1" + "02000000000000000068E5CF8B010000070000000000000008070605040302011817161514131211"
            + "38373635343332310200000009000000010000004EC4E795" + "02000000000000000068E5CF8B010000080000000000000008070605040302011817161514131211"
            + "010203" + "04",
            Convert.ToHexString(Format(writes)));
    }

    [Fact]
    public void Golden_OneRefusedOfThree()
    {
        var bytes = new byte[ChunkOutcomes.MostBytes(3)];
        var length = ChunkOutcomes.Format(bytes, [null, Refusal(GofsError.StaleVersion, hop: 2, "no"), null]);
        Assert.Equal($"0000000000000000{1 + (int)GofsError.StaleVersion:X2}000200020000000000000000000000" + "6E6F", Convert.ToHexString(bytes, 0, length));
    }

    [Fact]
    public void FormatThenParse_GivesTheSame() =>
        Gen.Select(Writes, Gen.Bool).Sample((writes, durable) =>
        {
            var parsed = ChunkWrites.Parse(Format(writes), writes.Length, durable);
            Assert.Equal(writes.Length, parsed.Length);
            for (var i = 0; i < writes.Length; i++)
            {
                Assert.Equal(writes[i].Token, parsed[i].Token);
                Assert.Equal(writes[i].Write with { Data = default, Durable = durable }, parsed[i].Write with { Data = default });
                Assert.True(writes[i].Write.Data.Span.SequenceEqual(parsed[i].Write.Data.Span));
            }
        });

    [Fact]
    public void FormatThenParse_OfOutcomes_GivesTheSame() =>
        Outcomes.Sample(outcomes =>
        {
            var bytes = new byte[ChunkOutcomes.MostBytes(outcomes.Length)];
            var parsed = ChunkOutcomes.Parse(bytes.AsSpan(0, ChunkOutcomes.Format(bytes, outcomes)), Some(outcomes.Length));
            Assert.Equal(outcomes.Select(Said), parsed.Select(Said));
        });

    [Fact]
    public void OutcomesThatAreAllGood_AreNoBytes_AndWordsHaveAMost()
    {
        Assert.Equal(0, ChunkOutcomes.Format([], [null, null]));
        var bytes = new byte[ChunkOutcomes.MostBytes(1)];
        var length = ChunkOutcomes.Format(bytes, [Refusal(GofsError.Internal, 0, new string('\u20AC', 1000))]);
        Assert.Equal(new string('\u20AC', 100), ChunkOutcomes.Parse(bytes.AsSpan(0, length), Some(1))[0]!.Detail);
    }

    [Theory]
    [InlineData(0), InlineData(3), InlineData(ChunkWrites.MostChunks + 1), InlineData(int.MaxValue)]
    public void AnotherCountThanThereAre_IsRefused(int count)
    {
        var two = Format(Some(2));
        Assert.Equal(GofsError.Corrupt, Assert.Throws<GofsException>(() => ChunkWrites.Parse(two, count, durable: true)).Error);
    }

    [Fact]
    public void BytesThatAreNone_AreRefused_NeverTrusted() =>
        Gen.Select(Writes, Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[0, 8], Gen.Int[-1, 70], Gen.Int[0, 64]).Sample((writes, flips, count, cut) =>
        {
            var bytes = Format(writes);
            foreach (var (at, value) in flips) bytes[at % bytes.Length] = value;
            try
            {
                var parsed = ChunkWrites.Parse(bytes.AsMemory(0, Math.Max(0, bytes.Length - cut)), count, durable: true);
                Assert.Equal(count, parsed.Length);
                Assert.All(parsed, one => Assert.InRange(one.Write.Data.Length, 1, one.Write.ChunkSizeBytes));
            }
            catch (GofsException refused)
            {
                Assert.Equal(GofsError.Corrupt, refused.Error);
            }
        });

    [Fact]
    public void OutcomesThatAreNone_AreRefused_NeverTrusted() =>
        Gen.Select(Outcomes, Gen.Select(Gen.Int[0, 10_000], Gen.Byte).Array[0, 8], Gen.Int[1, 64], Gen.Int[0, 64]).Sample((outcomes, flips, count, cut) =>
        {
            var bytes = new byte[ChunkOutcomes.MostBytes(outcomes.Length)];
            var length = ChunkOutcomes.Format(bytes, outcomes);
            foreach (var (at, value) in flips) bytes[at % bytes.Length] = value;
            try
            {
                Assert.Equal(count, ChunkOutcomes.Parse(bytes.AsSpan(0, Math.Max(0, length - cut)), Some(count)).Length);
            }
            catch (GofsException refused)
            {
                Assert.Equal(GofsError.Corrupt, refused.Error);
            }
        });

    private static AllowedWrite[] Some(int count) => [.. Enumerable.Range(1, count).Select(i => Write((ulong)i, 1, [1], 10, Token))];

    private static AllowedWrite Write(ulong handle, int version, byte[] data, int size, ChunkToken token) =>
        new(new(new(handle), new(version), 0, data, Crc32C.Compute(data), size, Durable: true), token);

    private static GofsException Refusal(GofsError error, int hop, string words) => new(error, words) { Data = { [DataConnection.FailedHopKey] = hop } };

    private static (GofsError?, string?, object?) Said(GofsException? outcome) => (outcome?.Error, outcome?.Detail, outcome?.Data[DataConnection.FailedHopKey]);

    private static byte[] Format(AllowedWrite[] writes)
    {
        var bytes = new byte[ChunkWrites.BytesOf(writes)];
        ChunkWrites.Format(bytes, writes);
        return bytes;
    }
}
