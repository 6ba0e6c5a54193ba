using System.Globalization;
using Gofs.Chunks;
using Gofs.Namespaces;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Files have two replicas on four silos, and one is written all the while. A silo is killed for good: what it had is made again elsewhere. Then another is
/// killed: of some chunks only what was made again is left, and every byte is there.
/// </summary>
public sealed class HealingTests(ITestOutputHelper output)
{
    private const int Files = 12;
    private const int FileBytes = 3 << 20;
    private const int PieceBytes = 64 << 10;
    private const int Shards = 2;
    private const int DeadSeconds = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Fact(Timeout = 420_000)]
    public async Task ReplicasOfAKilledServer_AreMadeAgain_WhileAWriterGoesOn()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var settings = new Dictionary<string, string> { ["DeadSeconds"] = DeadSeconds.ToString(CultureInfo.InvariantCulture) };
        await using var cluster = await ClusterProcess.StartAsync(4, settings);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = TimeSpan.FromSeconds(60) }, cancellation);
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < 4) await Task.Delay(200, cancellation);
        var config = NamespaceConfig.Default with { Goal = 2, ChunkSizeBytes = 1 << 20, ChunkTableShards = Shards };
        await client.CreateNamespaceAsync("healed", config, cancellation);
        var files = client.Namespace("healed");
        for (var file = 0; file < Files; file++) await PutAsync(files, Name(file), Content(file, FileBytes), cancellation);

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writing = WriteAsync(files, enough.Token, cancellation);
        var master = Masters.Number((await files.GetStatusAsync(cancellation)).Silo);
        var victims = Enumerable.Range(1, 4).Where(silo => silo != master).Take(2).ToArray();
        await cluster.RunAsync("kill", victims[0]);
        await HealedAsync(client, cancellation);
        await enough.CancelAsync();
        var written = await writing;
        // What the writer went on with after it lost a replica, a file refers to from now on.
        var copied = await HealedAsync(client, cancellation);
        Assert.True(copied > 0, "nothing was copied");
        await cluster.RunAsync("kill", victims[1]);

        for (var file = 0; file < Files; file++) await CheckAsync(files, Name(file), Content(file, FileBytes), cancellation);
        await CheckAsync(files, "written", Content(Files, written), cancellation);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{copied} replicas copied; {written >> 20} MiB were written meanwhile"));
    }

    /// <summary>Waits until each chunk table has found out about the dead server, and has all replicas again; answers how many were copied.</summary>
    private static async Task<long> HealedAsync(GofsClient client, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Limit);
        var number = (await client.ListNamespacesAsync(cancellation)).Single().Number;
        var copied = 0L;
        for (var shard = 0; shard < Shards; shard++)
        {
            HealingStatus table;
            do
            {
                await Task.Delay(200, patience.Token);
                table = await AskAsync(client, ChunkTableKey.Of(number, shard), patience.Token);
            }
            while (!table.IsHealthy || table.DeadServers == 0);
            copied += table.Copied;
        }

        Assert.True((await client.GetHealingAsync("healed", patience.Token)).Chunks >= Files);
        return copied;
    }

    private static async Task<HealingStatus> AskAsync(GofsClient client, string table, CancellationToken cancellation)
    {
        try
        {
            return await client.Grains.GetGrain<IChunkTableGrain>(table).GetHealingAsync(cancellation);
        }
        catch (Exception away) when (away is GofsException or TimeoutException or OrleansException)
        {
            return new() { TablesNotReady = 1 }; // its silo was the one that was killed
        }
    }

    private static async Task PutAsync(GofsNamespace files, string name, byte[] content, CancellationToken cancellation)
    {
        await using var file = await files.OpenAsync(GofsPath.Root.Append(name), FileMode.Create, FileAccess.Write, cancellation: cancellation);
        await file.WriteAsync(content, cancellation);
    }

    // Answers how much was written.
    private static async Task<int> WriteAsync(GofsNamespace files, CancellationToken enough, CancellationToken cancellation)
    {
        var content = Content(Files, 64 << 20);
        var written = 0;
        await using var file = await files.OpenAsync(GofsPath.Root.Append("written"), FileMode.Create, FileAccess.Write, cancellation: cancellation);
        while (written < content.Length && !enough.IsCancellationRequested)
        {
            await file.WriteAsync(content.AsMemory(written, PieceBytes), cancellation);
            written += PieceBytes;
            if (written % (8 * PieceBytes) == 0) await file.FlushAsync(cancellation);
            await Task.Delay(20, cancellation); // a writer that has its data from somewhere
        }

        return written;
    }

    private static async Task CheckAsync(GofsNamespace files, string name, byte[] content, CancellationToken cancellation)
    {
        using var copy = new MemoryStream();
        await using var file = await files.OpenAsync(GofsPath.Root.Append(name), FileMode.Open, FileAccess.Read, cancellation: cancellation);
        await file.CopyToAsync(copy, cancellation);
        Assert.True(copy.GetBuffer().AsSpan(0, (int)copy.Length).SequenceEqual(content), $"{name}: {copy.Length} bytes are not what was written");
    }

    private static string Name(int file) => string.Create(CultureInfo.InvariantCulture, $"file-{file}");

    private static byte[] Content(int seed, int lengthBytes)
    {
        var content = new byte[lengthBytes];
        new Random(seed).NextBytes(content);
        return content;
    }
}
