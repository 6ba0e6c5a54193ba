using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.Cluster;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

public sealed class ServerRemovalTests
{
    private static readonly ServerId Server = new("silo-4");

    [Fact]
    public void Server_IsForgottenWithoutForce_OnlyWhenNothingMayNeedIt() =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 1]).Sample((needed, beingWritten, notReady, loading) =>
        {
            var replicas = new ServerReplicas { Held = 9, Needed = needed, BeingWritten = beingWritten, TablesNotReady = notReady };
            NamespaceInfo[] loads = loading == 0 ? [] : [new("photos", 1, NamespaceConfig.Default, DateTimeOffset.UnixEpoch)];
            var refused = Record.Exception(() => ServerRemoval.RequireNotNeeded(Server, replicas, loads));
            if (needed + beingWritten + notReady + loading == 0) Assert.Null(refused);
            else Assert.Equal((GofsError.NotPermitted, Server.Value), (((GofsException)refused!).Error, ((GofsException)refused).Path));
        });
}
