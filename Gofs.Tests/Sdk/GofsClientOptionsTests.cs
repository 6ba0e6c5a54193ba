using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class GofsClientOptionsTests
{
    [Fact]
    public void AllFaults_AreListedAtOnce()
    {
        var options = new GofsClientOptions
        {
            Gateways = ["here", "there:0", "[::1]:99999"],
            ClusterId = "",
            ConnectTimeout = TimeSpan.Zero,
            OperationTimeout = TimeSpan.FromDays(1),
            TransferBytes = 1,
            TransfersInFlight = 65,
        };
        var refused = Assert.Throws<GofsException>(options.Validate);
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
        Assert.All(
            ["'here'", "'there:0'", "'[::1]:99999'", "cluster id", "connect timeout", "operation timeout", "transfer bytes", "transfers in flight"],
            fault => Assert.Contains(fault, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task FaultyOptions_AreRefusedBeforeAnythingIsTried()
    {
        var refused = await Assert.ThrowsAsync<GofsException>(() => GofsClient.ConnectAsync(new() { Gateways = [] }, TestContext.Current.CancellationToken));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
    }

    [Fact]
    public void Defaults_AreInRange() => new GofsClientOptions().Validate();

    [Fact]
    public void NamespaceSettings_ListAllFaults()
    {
        var refused = Assert.Throws<GofsException>(new NamespaceConfigFault().Config.Validate);
        Assert.All(
            ["chunk size", "goal", "durability", "trash retention", "quotas", "lease time", "shards"],
            fault => Assert.Contains(fault, refused.Message, StringComparison.Ordinal));
    }

    private sealed class NamespaceConfigFault
    {
        public NamespaceConfig Config { get; } = NamespaceConfig.Default with
        {
            ChunkSizeBytes = 100,
            Goal = 0,
            Durability = (Durability)9,
            TrashRetention = TimeSpan.FromSeconds(-1),
            MaxNames = -1,
            LeaseTime = TimeSpan.Zero,
            ChunkTableShards = 257,
        };
    }
}
