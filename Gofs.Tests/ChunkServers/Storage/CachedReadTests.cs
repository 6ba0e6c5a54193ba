using Gofs.Chunks;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>Reads that need no wait for a disk: the bytes that a read of the disk gives, or none.</summary>
public sealed class CachedReadTests
{
    private readonly SimulatedDisk disk = new();

    [Theory]
    [InlineData(0, 200_000)]
    [InlineData(0, 65_536)]
    [InlineData(70_000, 4096)]
    [InlineData(199_000, 4096)]
    [InlineData(200_000, 10)]
    public void CachedRead_IsTheRead(int offset, int count)
    {
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(200_000));
        var (cached, read) = (new byte[count], new byte[count]);
        Assert.True(host.Store.TryReadCached(StoreHost.Handle(1), ChunkVersion.First, offset, cached, out var had));
        Assert.Equal(host.Read(1, read, offset), had);
        Assert.Equal(read, cached);
    }

    [Fact]
    public void RottenBit_IsNoCachedRead_AndTheReadSaysWhy()
    {
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(200_000));
        disk.FlipBit("chunks/01/0001020000000001.chunk", 4096 + 70_000, 3);
        Assert.False(host.Store.TryReadCached(StoreHost.Handle(1), ChunkVersion.First, 66_000, new byte[10], out _));
        Assert.True(host.Store.TryReadCached(StoreHost.Handle(1), ChunkVersion.First, 0, new byte[65_536], out _));
        Assert.Equal(GofsError.Corrupt, StoreHost.ErrorOf(() => host.Read(1)));
    }

    [Fact]
    public void OtherVersion_UnknownChunk_ClosedChunk_NegativeOffset_AreNone()
    {
        using (var host = new StoreHost(disk))
        {
            host.Write(1, StoreHost.Bytes(100));
            host.SetVersion(1, 2);
            Assert.False(host.Store.TryReadCached(StoreHost.Handle(1), ChunkVersion.First, 0, new byte[10], out _));
            Assert.False(host.Store.TryReadCached(StoreHost.Handle(2), ChunkVersion.First, 0, new byte[10], out _));
            Assert.False(host.Store.TryReadCached(StoreHost.Handle(1), new(2), -1, new byte[10], out _));
            host.Delete(1);
            Assert.False(host.Store.TryReadCached(StoreHost.Handle(1), new(2), 0, new byte[10], out _));
            host.Write(3, StoreHost.Bytes(100));
        }

        using var again = new StoreHost(disk);
        Assert.False(again.Store.TryReadCached(StoreHost.Handle(3), ChunkVersion.First, 0, new byte[10], out _));
        again.Read(3);
        Assert.True(again.Store.TryReadCached(StoreHost.Handle(3), ChunkVersion.First, 0, new byte[10], out _));
    }
}
