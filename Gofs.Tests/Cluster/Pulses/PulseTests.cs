using System.Net;
using CsCheck;
using Gofs.Silo.Hosting.Pulses;
using Gofs.Transport;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Cluster.Pulses;

/// <summary>A pulse's datagram: its bytes, and that nothing but a pulse of the cluster is taken for one.</summary>
public sealed class PulseTests
{
    private static readonly byte[] Key = Pulse.KeyOf(new ClusterKey("a secret of the test's cluster"u8));

    private static readonly Gen<SiloAddress> Silo = Gen.Select(
        Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16].Where(bytes => !new IPAddress(bytes).IsIPv4MappedToIPv6)), Gen.Int[1, 65535], Gen.Int,
        (address, port, generation) => SiloAddress.New(new IPEndPoint(new IPAddress(address), port), generation));

    private static readonly Gen<Pulse> Any = Gen.Select(
        Silo, Gen.ULong, Silo.Array[0, Pulse.MostSilent], (from, sequence, silent) => new Pulse(from, sequence, silent));

    private static readonly Pulse Example = new(
        SiloAddress.New(new IPEndPoint(IPAddress.Parse("10.0.0.11"), 11111), 0x01020304), 0x2122232425262728,
        [SiloAddress.New(new IPEndPoint(IPAddress.Parse("fd00::2"), 65535), -1)]);

    /// <summary>What is on the wire stays as it is.</summary>
    [Fact]
    public void Golden_PulseWithOneSilentSilo()
    {
        var bytes = Format(Example);
        Assert.Equal(456, bytes.Length);
        Assert.Equal(
            "474653500101000000000000000000000000FFFF0A00000B672B000004030201"
            + "2827262524232221"
            + "FD000000000000000000000000000002FFFF0000FFFFFFFF" + new string('0', 15 * 24 * 2),
            Convert.ToHexString(bytes, 0, 424));
        Assert.Equal(
            "38899B4B23BC1DDECA25A3C26187D418F18978B12484BE065D0715857661B3D8",
            Convert.ToHexString(bytes, 424, 32));
    }

    [Fact]
    public void FormatThenParse_GivesTheSame() => Any.Sample(pulse =>
    {
        var read = Pulse.Parse(Format(pulse), Key);
        Assert.NotNull(read);
        Assert.Equal((pulse.From, pulse.Sequence), (read.From, read.Sequence));
        Assert.Equal(pulse.Silent, read.Silent);
    });

    [Fact]
    public void AnyBitFlipped_IsRefused()
    {
        for (var bit = 0; bit < Pulse.Bytes * 8; bit++)
        {
            var bytes = Format(Example);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(Pulse.Parse(bytes, Key));
        }
    }

    [Fact]
    public void AnythingElse_IsRefused_WhateverItsLengthAndHead() => Gen.Select(Gen.Byte.Array[0, Pulse.Bytes + 40], Gen.Int[0, 48]).Sample(one =>
    {
        var (bytes, head) = one;
        Format(Example).AsSpan(0, Math.Min(head, bytes.Length)).CopyTo(bytes);
        Assert.Null(Pulse.Parse(bytes, Key));
    });

    [Fact]
    public void PulseCutOrLengthened_IsRefused() => Gen.Int[0, Pulse.Bytes + 1].Where(length => length != Pulse.Bytes).Sample(length =>
    {
        var bytes = new byte[Pulse.Bytes + 1];
        Example.Format(bytes, Key);
        Assert.Null(Pulse.Parse(bytes.AsSpan(0, length), Key));
    });

    [Fact]
    public void PulseOfAnotherCluster_IsRefused() =>
        Assert.Null(Pulse.Parse(Format(Example), Pulse.KeyOf(new ClusterKey("another"u8))));

    /// <summary>It is signed right, and says more than there can be: only another release could have made it.</summary>
    [Fact]
    public void RightlySigned_OfAnotherFormat_OrWithMoreSilentSilosThanThereIsRoomFor_IsRefused() => Gen.Select(Gen.Int[4, 5], Gen.Byte).Sample(one =>
    {
        var (at, value) = one;
        var bytes = Format(Example);
        bytes[at] = value;
        System.Security.Cryptography.HMACSHA256.HashData(Key, bytes.AsSpan(0, 424), bytes.AsSpan(424));
        var isOne = at == 4 ? value == 1 : value <= Pulse.MostSilent;
        Assert.Equal(isOne, Pulse.Parse(bytes, Key) is not null);
    });

    [Fact]
    public void KeyOfPulses_IsNotTheTokens() => Assert.NotEqual(Key, new ClusterKey("a secret of the test's cluster"u8).For("gofs pulse 2"u8));

    private static byte[] Format(Pulse pulse)
    {
        var bytes = new byte[Pulse.Bytes];
        pulse.Format(bytes, Key);
        return bytes;
    }
}
