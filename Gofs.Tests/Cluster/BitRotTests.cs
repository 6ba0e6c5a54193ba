using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Bytes in the files of one replica after the other are flipped on the disk: no reader ever gets them, and each is repaired from another replica.
/// </summary>
public sealed class BitRotTests
{
    private const int ChunkBytes = 1 << 20;
    private static readonly GofsPath Path = GofsPath.Parse("/f");

    [Fact(Timeout = 300_000)]
    public async Task FlippedBytes_NeverReachAReader_AndAreRepaired()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(3);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions, cancellation);
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < 3) await Task.Delay(100, cancellation);
        await client.CreateNamespaceAsync("rot", NamespaceConfig.Default with { Goal = 3, ChunkSizeBytes = ChunkBytes }, cancellation);
        var files = client.Namespace("rot");
        var written = new byte[(3 * ChunkBytes) - 5000];
        var random = new Random(11);
        random.NextBytes(written);
        await files.PutAsync(Path, new MemoryStream(written), cancellation: cancellation);
        for (var silo = 1; silo <= 3; silo++)
        {
            await WholeAsync(client, files, cancellation);
            foreach (var file in Directory.GetFiles(cluster.Folder(silo), "*.chunk", SearchOption.AllDirectories)) Flip(file, random);
            for (var i = 0; i < 6; i++)
            {
                using var copy = new MemoryStream();
                await files.GetAsync(Path, copy, cancellation: cancellation);
                Assert.True(copy.GetBuffer().AsSpan(0, (int)copy.Length).SequenceEqual(written), $"silo {silo}, read {i}: other bytes");
            }

            await RepairedAsync(client, files, Masters.Text(silo), written, cancellation);
        }
    }

    private static void Flip(string file, Random random)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = stream.Length - 1 - random.Next(ChunkBytes / 2); // the data are at the end
        var old = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(old ^ 0x10));
    }

    /// <summary>Every server has every chunk: one that did not answer for some seconds while the file was put gets its replicas a moment later.</summary>
    private static async Task WholeAsync(GofsClient client, GofsNamespace files, CancellationToken cancellation)
    {
        while ((await LayoutAsync(client, files, cancellation)).Chunks.Any(chunk => chunk.Servers.Length < 3)) await Task.Delay(100, cancellation);
    }

    private static async Task<FileLayout> LayoutAsync(GofsClient client, GofsNamespace files, CancellationToken cancellation)
    {
        var status = await files.GetStatusAsync(cancellation);
        var entry = await files.StatAsync(Path, cancellation: cancellation);
        return await client.Grains.GetGrain<IFileGrain>(FileKey.Of(status.Number, entry.Inode)).GetLayoutAsync(0, 10, cancellation);
    }

    private static async Task RepairedAsync(GofsClient client, GofsNamespace files, string silo, byte[] written, CancellationToken cancellation)
    {
        var layout = await LayoutAsync(client, files, cancellation);
        var server = client.Grains.GetGrain<IChunkServerGrain>(silo);
        foreach (var chunk in layout.Chunks)
        {
            Assert.Contains(new ServerId(silo), chunk.Servers);
            while (true)
            {
                try
                {
                    var read = await server.ReadAsync(chunk.Handle, chunk.Version, 0, ChunkBytes, cancellation);
                    Assert.True(written.AsSpan(chunk.Index * ChunkBytes).StartsWith(read.Data.Span), $"{silo} has other bytes of chunk {chunk.Index}");
                    break;
                }
                catch (GofsException bad) when (bad.Error == GofsError.Corrupt)
                {
                    await Task.Delay(100, cancellation);
                }
            }
        }

        var disk = Assert.Single((await server.GetStatusAsync(cancellation)).Disks);
        Assert.Equal(layout.Chunks.Length, disk.BadChecksumBlocks);
        Assert.Equal(layout.Chunks.Length, disk.RepairedChecksumBlocks);
    }
}
