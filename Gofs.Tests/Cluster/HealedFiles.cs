using System.Globalization;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Files with two replicas on four silos, and one more that is written all the while: what is left of them when silos go, and that their replicas are made
/// again.
/// </summary>
internal sealed class HealedFiles : IAsyncDisposable
{
    /// <summary>The namespace's name.</summary>
    public const string Name = "healed";

    private const int Files = 12;
    private const int FileBytes = 3 << 20;
    private const int PieceBytes = 64 << 10;
    private const int Shards = 2;
    private const int DeadSeconds = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private readonly GofsNamespace files;
    private readonly CancellationToken cancellation;

    private HealedFiles(ClusterProcess cluster, GofsClient client, CancellationToken cancellation) =>
        (Cluster, Client, files, this.cancellation) = (cluster, client, client.Namespace(Name), cancellation);

    /// <summary>The silos.</summary>
    public ClusterProcess Cluster { get; }

    /// <summary>A client of theirs.</summary>
    public GofsClient Client { get; }

    /// <summary>Starts four silos and puts the files.</summary>
    public static async Task<HealedFiles> StartAsync(CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string> { ["DeadSeconds"] = DeadSeconds.ToString(CultureInfo.InvariantCulture) };
        var cluster = await ClusterProcess.StartAsync(4, settings);
        try
        {
            var options = cluster.ClientOptions with { OperationTimeout = TimeSpan.FromSeconds(60) };
            HealedFiles all = new(cluster, await GofsClient.ConnectAsync(options, cancellation), cancellation);
            await all.PutAllAsync();
            return all;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    /// <summary>The silos without the master, by number.</summary>
    public async Task<int[]> OthersThanMasterAsync()
    {
        var master = Masters.Number((await files.GetStatusAsync(cancellation)).Silo);
        return [.. Enumerable.Range(1, 4).Where(silo => silo != master)];
    }

    /// <summary>
    /// Kills one silo for good, ends the writing when what it had is made again, and kills another: of some chunks only what was made again is left, and
    /// every byte is there. Answers how many replicas were copied and how much was written.
    /// </summary>
    public async Task<(long Copied, int Written)> LoseTwoAsync(int first, int second, CancellationTokenSource enough, Task<int> writing)
    {
        await Cluster.RunAsync("kill", first);
        var dead = new ServerId(Masters.Text(first));
        await HealedWithoutAsync(dead);
        await enough.CancelAsync();
        var written = await writing;
        // What the writer went on with after it lost a replica, a file refers to from now on.
        var copied = await HealedWithoutAsync(dead);
        Assert.True(copied > 0, "nothing was copied");
        await Cluster.RunAsync("kill", second);

        await CheckAllAsync();
        await CheckAsync("written", Content(Files, written));
        return (copied, written);
    }

    /// <summary>Reads every file and compares.</summary>
    public async Task CheckAllAsync()
    {
        for (var file = 0; file < Files; file++) await CheckAsync(NameOf(file), Content(file, FileBytes));
    }

    /// <summary>Writes one more file until it is enough; answers how much was written.</summary>
    public async Task<int> WriteAsync(CancellationToken enough)
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

    private async Task PutAllAsync()
    {
        while ((await Client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < 4) await Task.Delay(200, cancellation);
        var config = NamespaceConfig.Default with { Goal = 2, ChunkSizeBytes = 1 << 20, ChunkTableShards = Shards };
        await Client.CreateNamespaceAsync(Name, config, cancellation);
        for (var number = 0; number < Files; number++)
        {
            var path = GofsPath.Root.Append(NameOf(number));
            await using var file = await files.OpenAsync(path, FileMode.Create, FileAccess.Write, cancellation: cancellation);
            await file.WriteAsync(Content(number, FileBytes), cancellation);
        }
    }

    // Waits until no chunk needs the server that is gone, and all have their replicas; answers how many were copied. That a table knows of a dead server
    // says nothing: it may be another, one that was removed a moment ago and is still on the table's list.
    private async Task<long> HealedWithoutAsync(ServerId dead)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Limit);
        ServerReplicas without;
        HealingStatus tables;
        do
        {
            await Task.Delay(200, patience.Token);
            without = await Client.GetServerReplicasAsync(dead, patience.Token);
            tables = await Client.GetHealingAsync(Name, patience.Token);
        }
        while (without.Needed + without.TablesNotReady > 0 || !tables.IsHealthy);
        Assert.True(tables.Chunks >= Files);
        return tables.Copied;
    }

    private async Task CheckAsync(string name, byte[] content)
    {
        var path = GofsPath.Root.Append(name);
        using var copy = new MemoryStream();
        try
        {
            await using var file = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
            await file.CopyToAsync(copy, cancellation);
        }
        catch (GofsException unread)
        {
            Assert.Fail($"{unread.Message}\n{await UnreadFile.ExplainAsync(Client, files, path, cancellation)}");
        }

        Assert.True(copy.GetBuffer().AsSpan(0, (int)copy.Length).SequenceEqual(content), $"{name}: {copy.Length} bytes are not what was written");
    }

    private static string NameOf(int file) => string.Create(CultureInfo.InvariantCulture, $"file-{file}");

    private static byte[] Content(int seed, int lengthBytes)
    {
        var content = new byte[lengthBytes];
        new Random(seed).NextBytes(content);
        return content;
    }
}
