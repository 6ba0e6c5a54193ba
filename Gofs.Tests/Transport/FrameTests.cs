using System.Net;
using Gofs.Chunks;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Transport;

/// <summary>The head of a frame: its bytes, and what is made of bytes that are none.</summary>
public sealed class FrameTests
{
    private static readonly ChunkToken Token = new(ChunkRights.Read | ChunkRights.Write, 1_700_000_000_000, 7, 0x0102030405060708, 0x1112131415161718);
    private static readonly IPEndPoint[] Hops = [new(IPAddress.Parse("10.1.2.3"), 30001), new(IPAddress.Parse("fd00::1"), 65535)];

    private static readonly FrameHeader Header = new()
    {
        Op = FrameOp.Write,
        Flags = FrameFlags.Durable | FrameFlags.Token,
        Hops = 2,
        RequestId = 0x2122232425262728,
        Handle = ChunkHandle.Create(3, 4, 5),
        Version = new(6),
        Offset = 0x3132333435363738,
        DataLength = 4096,
        Amount = 64 << 20,
        DataCrc = 0x41424344,
        LimitMilliseconds = 30_000,
    };

    /// <summary>What is on the wire stays as it is.</summary>
    [Fact]
    public void Golden_WriteWithTokenAndTwoHops()
    {
        var bytes = new byte[FrameHeader.MostHeadBytes];
        var length = Header.Format(bytes, Token, Hops);
        Assert.Equal(
            "47465346010106022827262524232221050000000004030006000000000000003837363534333231001000000000000444434241307500000000000074D4A30C"
            + "03000000000000000068E5CF8B010000070000000000000008070605040302011817161514131211"
            + "00000000000000000000FFFF0A01020331750000"
            + "FD000000000000000000000000000001FFFF0000",
            Convert.ToHexString(bytes, 0, length));
    }

    /// <summary>What servers of releases before take for zero, and pass over.</summary>
    [Fact]
    public void Golden_LeastLength()
    {
        var bytes = new byte[FrameHeader.MostHeadBytes];
        (Header with { LeastLength = 0x01020304 }).Format(bytes, Token, Hops);
        Assert.Equal("3075000004030201", Convert.ToHexString(bytes, 52, 8));
    }

    [Fact]
    public void FormatThenParse_GivesTheSame()
    {
        var bytes = new byte[FrameHeader.MostHeadBytes];
        var header = Header with { LeastLength = 65_536 };
        var length = header.Format(bytes, Token, Hops);
        var read = FrameHeader.Parse(bytes);
        Assert.Equal(header, read);
        Assert.Equal(length, read.HeadBytes);
        FrameHeader.CheckCrc(bytes.AsSpan(0, length));
        Assert.Equal(Token, ChunkToken.Parse(bytes.AsSpan(FrameHeader.Bytes)));
        Assert.Equal(Hops[0], FrameHeader.ParseHop(bytes.AsSpan(FrameHeader.Bytes + ChunkToken.Bytes)));
        Assert.Equal(Hops[1], FrameHeader.ParseHop(bytes.AsSpan(FrameHeader.Bytes + ChunkToken.Bytes + FrameHeader.HopBytes)));
    }

    [Fact]
    public void AnyBitFlipped_IsRefused()
    {
        var good = new byte[FrameHeader.MostHeadBytes];
        var length = Header.Format(good, Token, Hops);
        for (var bit = 0; bit < length * 8; bit++)
        {
            var bytes = good.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var refused = Assert.Throws<GofsException>(() =>
            {
                var read = FrameHeader.Parse(bytes);
                FrameHeader.CheckCrc(bytes.AsSpan(0, read.HeadBytes));
            });
            Assert.Equal(GofsError.Corrupt, refused.Error);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20261125)]
    public void RandomBytes_AreRefused_NeverTrusted(int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[FrameHeader.MostHeadBytes];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            if (i % 2 == 0) Header.Format(bytes, Token, Hops);
            for (var j = 0; j < 4; j++) bytes[random.Next(5, 60)] = (byte)random.Next(256);
            try
            {
                var read = FrameHeader.Parse(bytes);
                Assert.InRange(read.DataLength, 0, FrameHeader.MostDataBytes);
                Assert.InRange(read.HeadBytes, FrameHeader.Bytes, FrameHeader.MostHeadBytes);
            }
            catch (GofsException refused)
            {
                Assert.Equal(GofsError.Corrupt, refused.Error);
            }
        }
    }

    [Fact]
    public void Token_AllowsWhatItSays_AndNothingElse()
    {
        var (key, now) = (new ClusterKey("a secret of the cluster"u8), DateTimeOffset.UnixEpoch.AddYears(56));
        var (chunk, version) = (ChunkHandle.Create(1, 2, 3), ChunkVersion.First);
        var token = key.Sign(chunk, version, ChunkRights.Read, 9, now);
        Assert.True(key.Allows(token, chunk, version, ChunkRights.Read, now));
        Assert.False(key.Allows(token, chunk, version, ChunkRights.Write, now));
        Assert.False(key.Allows(token with { Rights = ChunkRights.Read | ChunkRights.Write }, chunk, version, ChunkRights.Write, now));
        Assert.False(key.Allows(token, ChunkHandle.Create(1, 2, 4), version, ChunkRights.Read, now));
        Assert.False(key.Allows(token, chunk, version.Next, ChunkRights.Read, now));
        Assert.False(key.Allows(token with { LeaseEpoch = 10 }, chunk, version, ChunkRights.Read, now));
        Assert.False(key.Allows(token, chunk, version, ChunkRights.Read, now + ClusterKey.TokenTime + TimeSpan.FromMinutes(2)));
        Assert.False(key.Allows(token with { ExpiresAt = token.ExpiresAt + 1 }, chunk, version, ChunkRights.Read, now));
        Assert.False(new ClusterKey("another"u8).Allows(token, chunk, version, ChunkRights.Read, now));
    }
}
