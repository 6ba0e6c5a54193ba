using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>A replica is copied from one silo's chunk server to another's while its file is written, and is then equal.</summary>
public sealed class ReplicaCopyTests
{
    private static readonly GofsPath Path = GofsPath.Parse("/f");

    [Fact(Timeout = 300_000)]
    public async Task CopyFromSiloToSilo_BecomesAReplica()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(2);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions, cancellation);
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < 2) await Task.Delay(100, cancellation);
        await client.CreateNamespaceAsync("copies", NamespaceConfig.Default with { Goal = 1, ChunkSizeBytes = 16 << 20 }, cancellation);
        var files = client.Namespace("copies");
        var written = new byte[10_000_000];
        new Random(1).NextBytes(written);
        await files.PutAsync(Path, new MemoryStream(written), cancellation: cancellation);
        var entry = await files.StatAsync(Path, cancellation: cancellation);
        var number = (await files.GetStatusAsync(cancellation)).Number;
        var layout = await client.Grains.GetGrain<IFileGrain>(FileKey.Of(number, entry.Inode)).GetLayoutAsync(0, 10, cancellation);
        var chunk = Assert.Single(layout.Chunks);
        var from = Assert.Single(chunk.Servers);
        var to = from.Value == "silo-1" ? "silo-2" : "silo-1";
        var target = client.Grains.GetGrain<IChunkServerGrain>(to);
        var source = client.Grains.GetGrain<IChunkServerGrain>(from.Value);
        var copied = await target.CopyReplicaAsync(new(chunk.Handle, chunk.Version, from, chunk.Token), cancellation);
        Assert.Equal(written.Length, copied.LengthBytes);
        await source.OfferVersionAsync(chunk.Handle, chunk.Version.Next, chunk.Version, cancellation);
        await target.InstallReplicaAsync(new(chunk.Handle, copied.CopyId, chunk.Version.Next, chunk.Token), cancellation);
        for (var at = 0; at < written.Length; at += 1 << 20)
        {
            var read = await target.ReadAsync(chunk.Handle, chunk.Version.Next, at, 1 << 20, cancellation);
            Assert.True(written.AsSpan(at).StartsWith(read.Data.Span));
        }
    }
}
