using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Clients, the list of namespaces, and the chunk servers.</summary>
public abstract class ClientConformance(IServedSystem system) : ConformanceTests(system)
{
    private readonly int silos = system.Silos;

    [Fact]
    public async Task NewNamespace_IsListed_WithItsSettings_AndANumberOfItsOwn()
    {
        var (first, second) = (NewName(), NewName());
        var made = await Client.CreateNamespaceAsync(first, Config, Cancellation);
        var other = await Client.CreateNamespaceAsync(second, cancellation: Cancellation);
        Assert.Equal((first, Config, NamespaceConfig.Default with { Goal = silos }), (made.Name, made.InitialConfig, other.InitialConfig));
        Assert.NotEqual(made.Number, other.Number);
        var listed = await Client.ListNamespacesAsync(Cancellation);
        Assert.Contains(made, listed);
        Assert.Equal(listed.OrderBy(one => one.Name, StringComparer.Ordinal), listed);
        await RefusedAsync(GofsError.NamespaceExists, first, () => Client.CreateNamespaceAsync(first, Config, Cancellation));
        Assert.Equal(first, Client.Namespace(first).Name);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-x")]
    [InlineData("with space")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task WrongName_IsRefused(string name) =>
        await RefusedAsync(GofsError.InvalidArgument, name, () => Client.CreateNamespaceAsync(name, Config, Cancellation));

    [Fact]
    public async Task WrongSettings_MakeNothing()
    {
        var name = NewName();
        var refused = await Assert.ThrowsAsync<GofsException>(() => Client.CreateNamespaceAsync(name, Config with { Goal = 10 }, Cancellation));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
        Assert.DoesNotContain(await Client.ListNamespacesAsync(Cancellation), one => one.Name == name);
    }

    [Fact]
    public async Task NamespaceThatIsNotThere_IsTold_AtTheFirstOperation()
    {
        var name = NewName();
        var files = Client.Namespace(name);
        await RefusedAsync(GofsError.NamespaceNotFound, name, () => files.GetStatusAsync(Cancellation));
        await RefusedAsync(GofsError.NamespaceNotFound, name, () => Client.RemoveNamespaceAsync(name, cancellation: Cancellation));
        var refused = await Assert.ThrowsAsync<GofsException>(() => PutAsync(files, "/f", 1));
        Assert.Equal(GofsError.NamespaceNotFound, refused.Error);
    }

    [Fact]
    public async Task Namespace_IsRemovedWhenEmpty_OrByForce_AndMadeAgainEmpty()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        var refused = await Assert.ThrowsAsync<GofsException>(() => Client.RemoveNamespaceAsync(files.Name, cancellation: Cancellation));
        Assert.Equal(GofsError.DirectoryNotEmpty, refused.Error);
        var number = (await files.GetStatusAsync(Cancellation)).Number;
        await Client.RemoveNamespaceAsync(files.Name, force: true, Cancellation);
        Assert.DoesNotContain(await Client.ListNamespacesAsync(Cancellation), one => one.Name == files.Name);
        var again = await Client.CreateNamespaceAsync(files.Name, Config, Cancellation);
        Assert.True(again.Number > number, "a number was used again");
        // The first removal once more, as it arrives late.
        await Client.Grains.GetGrain<IClusterGrain>(0).RemoveNamespaceByNumberAsync(files.Name, number, force: true, Cancellation);
        Assert.Empty(await NamesAsync(Client.Namespace(files.Name), "/"));
        await Client.RemoveNamespaceAsync(files.Name, cancellation: Cancellation);
    }

    [Fact]
    public async Task ChunkServers_AreAsManyAsSilos_AndLive()
    {
        var servers = await Client.ListChunkServersAsync(Cancellation);
        Assert.Equal(silos, servers.Length);
        Assert.All(servers, server => Assert.True(server.Live && server.Disks.Length > 0 && server.DataAddress.Length > 0, $"{server}"));
        Assert.Equal(servers.OrderBy(server => server.Server.ToString(), StringComparer.Ordinal), servers);
    }

    [Fact]
    public async Task ChunkServer_IsMarked_AndUnmarked_AndOneThatIsLiveIsNotForgotten()
    {
        var server = (await Client.ListChunkServersAsync(Cancellation))[0].Server;
        var until = TimeProvider.System.GetUtcNow().AddHours(1);
        await Client.MarkChunkServerAsync(server, ServerMark.Maintenance, until, Cancellation);
        var marked = Assert.Single(await Client.ListChunkServersAsync(Cancellation), one => one.Server == server);
        Assert.Equal((ServerMark.Maintenance, until), (marked.Mark, marked.MarkedUntil));
        await Client.MarkChunkServerAsync(server, ServerMark.None, cancellation: Cancellation);
        Assert.Equal(ServerMark.None, Assert.Single(await Client.ListChunkServersAsync(Cancellation), one => one.Server == server).Mark);
        var refused = await Assert.ThrowsAsync<GofsException>(() => Client.RemoveChunkServerAsync(server, force: true, Cancellation));
        Assert.Equal(GofsError.NotPermitted, refused.Error);
        refused = await Assert.ThrowsAsync<GofsException>(() => Client.MarkChunkServerAsync(new("nobody"), ServerMark.Drain, cancellation: Cancellation));
        Assert.Equal(GofsError.InvalidArgument, refused.Error);
    }

    [Fact]
    public async Task NamespaceWhoseChunksHaveTheirReplicas_IsHealthy()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1, 2, 3);
        await UntilAsync(
            async () => await Client.GetHealingAsync(files.Name, Cancellation) is { IsHealthy: true, Chunks: 1 }, "the chunk is known and has its replicas");
        var server = (await Client.ListChunkServersAsync(Cancellation))[0].Server;
        var replicas = await Client.GetServerReplicasAsync(server, Cancellation);
        // As many servers as the goal: without it the chunk has one replica too few. And it is not drained.
        Assert.True(replicas.Held > 0 && replicas.Needed > 0 && !replicas.IsSafeToRemove, $"{replicas}");
        // One that was handed out may be written at any moment.
        var table = Client.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of((await files.GetStatusAsync(Cancellation)).Number, 0));
        var handedOut = Assert.Single((await table.AllocateManyAsync(1, Cancellation)).Chunks);
        Assert.True((await table.GetServerReplicasAsync(handedOut.Servers[0], Cancellation)).BeingWritten > 0);
        var refused = await Assert.ThrowsAsync<GofsException>(() => Client.GetHealingAsync("no-such-namespace", Cancellation));
        Assert.Equal(GofsError.NamespaceNotFound, refused.Error);
    }

    [Fact]
    public async Task LayoutAndPages_AreForWhoeverLooks()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/a", 1, 2, 3);
        await PutAsync(files, "/b", 4);
        var layout = await files.GetLayoutAsync(At("/a"), 0, 1, Cancellation);
        Assert.Equal(3, layout.LengthBytes);
        Assert.NotEmpty(Assert.Single(layout.Chunks).Servers);
        var first = Assert.Single((await files.ListPageAsync(At("/"), null, 1, Cancellation)).Entries);
        var second = Assert.Single((await files.ListPageAsync(At("/"), Utf8("a"), 1, Cancellation)).Entries);
        Assert.NotEqual(first.Inode, second.Inode);
        Assert.Empty((await files.ListPageAsync(At("/"), Utf8("b"), 1, Cancellation)).Entries);
    }

    [Fact]
    public async Task SecondClient_SeesTheSame_ByItsOwnConnection_ByAnothersGrains_AndWithoutDataPorts()
    {
        var files = await NamespaceAsync();
        var content = Bytes(200_000, seed: 1);
        await PutAsync(files, "/f", content);
        await using var own = await GofsClient.ConnectAsync(Options with { DataPorts = false }, Cancellation);
        await HasAsync(own.Namespace(files.Name), "/f", content);
        var borrowing = new GofsClient(Client.Grains, Options);
        await PutAsync(borrowing.Namespace(files.Name), "/g", content);
        await borrowing.DisposeAsync();
        await HasAsync(own.Namespace(files.Name), "/g", content);
        Assert.Contains(await Client.Grains.GetGrain<IClusterGrain>(0).ListNamespacesAsync(Cancellation), one => one.Name == files.Name);
    }

    [Fact]
    public async Task NoSilo_IsTold()
    {
        var nowhere = Options with { Gateways = ["127.0.0.1:1"], ConnectTimeout = TimeSpan.FromSeconds(1) };
        await RefusedAsync(GofsError.SiloUnreachable, "", () => GofsClient.ConnectAsync(nowhere, Cancellation));
        await RefusedAsync(GofsError.InvalidArgument, "", () => GofsClient.ConnectAsync(Options with { Gateways = [] }, Cancellation));
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedClientTests(EmbeddedSystem system) : ClientConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterClientTests(ClusterSystem system) : ClientConformance(system);
