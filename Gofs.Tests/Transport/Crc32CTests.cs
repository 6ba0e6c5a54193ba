using CsCheck;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Transport;

/// <summary>CRC-32C against RFC 3720's vectors and against a bit-by-bit reference.</summary>
public sealed class Crc32CTests
{
    public static TheoryData<byte[], uint> Vectors => new()
    {
        { [], 0u },
        { "123456789"u8.ToArray(), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
    };

    [Theory, MemberData(nameof(Vectors))]
    public void Compute_KnownBytes_GivesThePublishedValue(byte[] data, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(data));

    [Fact]
    public void Compute_AnyLengthAndAlignment_AgreesWithTheReference() =>
        (from data in Gen.Byte.Array[0, 300] from start in Gen.Int[0, 17] select (data, start)).Sample(x =>
        {
            var span = x.data.AsSpan(Math.Min(x.start, x.data.Length));
            return Crc32C.Compute(span) == BitByBit(span);
        });

    [Fact]
    public void Append_OfParts_IsComputeOfTheWhole() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Byte.Array[0, 200]).Sample((a, b) =>
            Crc32C.Append(Crc32C.Compute(a), b) == Crc32C.Compute([.. a, .. b]));

    [Fact]
    public void Compute_LongData_AgreesWithTheReference() =>
        (from length in Gen.Int[380, 9000] from seed in Gen.Int select (length, seed)).Sample(x =>
        {
            var data = new byte[x.length];
            new Random(x.seed).NextBytes(data);
            return Crc32C.Compute(data) == BitByBit(data) && ~Crc32C.AppendByInstruction(uint.MaxValue, data) == BitByBit(data);
        }, iter: 300);

    [Fact]
    public void Combine_OfTwoCrcs_IsTheCrcOfBothOneAfterTheOther() =>
        (from first in Gen.Byte.Array[0, 50] from length in Gen.Int[0, 70_000] from seed in Gen.Int select (first, length, seed)).Sample(x =>
        {
            var second = new byte[x.length];
            new Random(x.seed).NextBytes(second);
            return Crc32C.Combine(Crc32C.Compute(x.first), Crc32C.Compute(second), x.length) == Crc32C.Compute([.. x.first, .. second]);
        }, iter: 300);

    [Fact]
    public void Compute_OneBitFlipped_Differs() =>
        (from data in Gen.Byte.Array[1, 300] from bit in Gen.Int[0, (data.Length * 8) - 1] select (data, bit)).Sample(x =>
        {
            var flipped = x.data.ToArray();
            flipped[x.bit / 8] ^= (byte)(1 << (x.bit % 8));
            return Crc32C.Compute(flipped) != Crc32C.Compute(x.data);
        });

    private static uint BitByBit(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
        }

        return ~crc;
    }
}
