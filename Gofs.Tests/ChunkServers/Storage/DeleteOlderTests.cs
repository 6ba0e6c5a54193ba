using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>A chunk table that has a stale replica deleted may be heard late: what came meanwhile stays.</summary>
public sealed class DeleteOlderTests
{
    private readonly SimulatedDisk disk = new();

    [Fact]
    public void ReplicaOfAnOlderVersion_IsDeleted()
    {
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(100));
        host.DeleteOlder(1, than: 2);
        Assert.Empty(host.Store.GetAll());
        Assert.Equal(GofsError.ChunkNotFound, StoreHost.ErrorOf(() => host.Read(1)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void ReplicaThatHasTheVersion_OrANewerOne_Stays(int version)
    {
        using var host = new StoreHost(disk);
        host.Write(1, StoreHost.Bytes(100));
        host.SetVersion(1, version);
        host.DeleteOlder(1, than: 2);
        Assert.Equal(StoreHost.Bytes(100), host.Read(1, version));
        host.DeleteOlder(5, than: 2); // none
    }
}
