using System.Globalization;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// A file is written to three replicas while the silo of one is killed or, with another file, stopped, or cut off from the other silos: the writer goes on
/// with those that are left, within seconds, and every byte is there. The longest wait is printed.
/// </summary>
public sealed class ChunkServerFailureTests(ITestOutputHelper output)
{
    private const int Pieces = 120;
    private const int PieceBytes = 512 << 10;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    [Fact(Timeout = 300_000)]
    public async Task Writer_GoesOn_WhenAChunkServerIsKilledOrStopped()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(3);
        await using var client = await ConnectAsync(cluster, cancellation);
        foreach (var what in (string[])["kill", "stop"])
        {
            var victim = await StrikeAsync(cluster, client, what, cancellation);
            if (what == "kill") await cluster.RunAsync("start", victim);
            await LiveServersAsync(client, what == "kill" ? 3 : 2, cancellation);
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Writer_GoesOn_WhenAChunkServerIsCutOff()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await NetworkNamespaces.RequireAsync();
        await using var cluster = await ClusterProcess.StartAsync(3, "--netns");
        await using var client = await ConnectAsync(cluster, cancellation);
        await StrikeAsync(cluster, client, "cut", cancellation);
    }

    private static async Task<GofsClient> ConnectAsync(ClusterProcess cluster, CancellationToken cancellation)
    {
        var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = TimeSpan.FromSeconds(60) }, cancellation);
        await client.CreateNamespaceAsync("bytes", NamespaceConfig.Default with { Goal = 3, ChunkSizeBytes = 16 << 20 }, cancellation);
        await LiveServersAsync(client, 3, cancellation);
        return client;
    }

    private async Task<int> StrikeAsync(ClusterProcess cluster, GofsClient client, string what, CancellationToken cancellation)
    {
        var files = client.Namespace("bytes");
        var master = Masters.Number((await files.GetStatusAsync(cancellation)).Silo);
        var victim = Enumerable.Range(1, 3).First(silo => silo != master);
        var longest = await WriteAsync(files, what, new Random(7), () => cluster.RunAsync(what, victim), cancellation);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} of a chunk server: longest write {longest.TotalSeconds:0.00} s"));
        Assert.True(longest < LongestWait, $"{what}: a write took {longest}");
        return victim;
    }

    private static async Task<TimeSpan> WriteAsync(GofsNamespace files, string name, Random random, Func<Task> strike, CancellationToken cancellation)
    {
        var written = new byte[Pieces * PieceBytes];
        random.NextBytes(written);
        var (time, longest, striking) = (TimeProvider.System, TimeSpan.Zero, Task.CompletedTask);
        var path = GofsPath.Root.Append(name);
        await using (var file = await files.OpenAsync(path, FileMode.Create, FileAccess.Write, cancellation: cancellation))
        {
            for (var piece = 0; piece < Pieces; piece++)
            {
                if (piece == Pieces / 3) striking = strike();
                var begun = time.GetTimestamp();
                await file.WriteAsync(written.AsMemory(piece * PieceBytes, PieceBytes), cancellation);
                if (piece % 10 == 9) await file.FlushAsync(cancellation);
                if (time.GetElapsedTime(begun) is var took && took > longest) longest = took;
                await Task.Delay(10, cancellation); // a writer that has its data from somewhere, so that the strike hits it
            }
        }

        await striking;
        using var copy = new MemoryStream();
        await using var reader = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        await reader.CopyToAsync(copy, cancellation);
        Assert.True(copy.GetBuffer().AsSpan(0, (int)copy.Length).SequenceEqual(written), $"{name}: {copy.Length} bytes are not what was written");
        return longest;
    }

    private static async Task LiveServersAsync(GofsClient client, int servers, CancellationToken cancellation)
    {
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < servers) await Task.Delay(200, cancellation);
    }
}
