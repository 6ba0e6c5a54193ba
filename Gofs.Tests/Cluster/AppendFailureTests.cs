using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// Sixteen clients append records to one file while silos are killed and stopped, the one with the primary too: every record that was acknowledged is
/// where it was said to be, whole, in every replica, and the replicas of each chunk are byte for byte the same. GOFS_TEST_ROUNDS (2; 8 with
/// GOFS_TEST_LONG) says how many silos at least, one after the other, and GOFS_TEST_SECONDS (0; 60 with GOFS_TEST_LONG) for how long at least.
/// </summary>
public sealed class AppendFailureTests(ITestOutputHelper output)
{
    private const int Appenders = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ServiceGap service = new();
    private readonly ConcurrentDictionary<long, string> acknowledged = new();

    [Fact(Timeout = 900_000)]
    public async Task EveryAcknowledgedRecord_IsInEveryReplica_WhateverSiloDies()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var isLong = Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is not null;
        var rounds = TestSetting.Number("GOFS_TEST_ROUNDS", isLong ? 8 : 2);
        var least = TimeSpan.FromSeconds(TestSetting.Number("GOFS_TEST_SECONDS", isLong ? 60 : 0));
        await using var cluster = await ClusterProcess.StartAsync(3);
        var options = cluster.ClientOptions with { OperationTimeout = Patience };
        await using var client = await GofsClient.ConnectAsync(options, cancellation);
        await LiveServersAsync(client, 3, cancellation);
        await client.CreateNamespaceAsync("records", NamespaceConfig.Default with { Goal = 3, ChunkSizeBytes = 4 << 20 }, cancellation);
        var files = client.Namespace("records");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = Enumerable.Range(0, Appenders).Select(number => AppendAsync(files, number, stop.Token)).ToArray();
        var started = TimeProvider.System.GetTimestamp();
        for (var round = 0; round < rounds || TimeProvider.System.GetElapsedTime(started) < least; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
            var victim = await PrimaryAsync(client, files, round, cancellation);
            service.Restart();
            await StrikeAsync(cluster, victim, isKill: round % 2 == 0, cancellation);
            await LiveServersAsync(client, 3, cancellation);
            Say($"{(round % 2 == 0 ? "kill" : "stop")} of silo {victim}: service gap {service.Longest.TotalSeconds:0.00} s, {acknowledged.Count} records so far");
            Assert.All(work, one => Assert.False(one.IsCompleted, $"round {round}: {one.Exception}"));
        }

        Say($"{Appenders} appenders for {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} s");
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await CheckAsync(client, files, cancellation);
    }

    private async Task AppendAsync(GofsNamespace files, int number, CancellationToken stop)
    {
        await using var appender = await files.OpenAppenderAsync(GofsPath.Parse("/records"), cancellation: TestContext.Current.CancellationToken);
        var random = new Random(number);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{number}/{i}:{new string((char)('a' + number), random.Next(4000))}");
            // The last one ends before anybody looks.
            var at = await appender.AppendAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
            service.Acknowledged();
            Assert.True(acknowledged.TryAdd(at, text), $"two records at {at}");
            await Task.Delay(random.Next(20), TestContext.Current.CancellationToken); // others need the cores too
        }
    }

    // In turn the primary of the chunk that is appended to, and another.
    private static async Task<int> PrimaryAsync(GofsClient client, GofsNamespace files, int round, CancellationToken cancellation)
    {
        var chunks = await LayoutAsync(client, files, cancellation);
        // The first record may not be there yet, and a table that has just started may not have heard of any server.
        for (; chunks is not [.., { Servers.Length: > 0 }]; chunks = await LayoutAsync(client, files, cancellation)) await Task.Delay(200, cancellation);
        var servers = chunks[^1].Servers;
        return Masters.Number(servers[round % 4 < 2 ? 0 : servers.Length - 1].Value);
    }

    private static async Task StrikeAsync(ClusterProcess cluster, int victim, bool isKill, CancellationToken cancellation)
    {
        if (isKill)
        {
            await cluster.RunAsync("kill", victim);
            await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
            await cluster.RunAsync("start", victim);
            return;
        }

        await cluster.RunAsync("stop", victim);
        await Task.Delay(TimeSpan.FromSeconds(8), cancellation);
        await cluster.RunAsync("cont", victim);
        await cluster.StartWhenEndedAsync(victim, cancellation);
    }

    private async Task CheckAsync(GofsClient client, GofsNamespace files, CancellationToken cancellation)
    {
        var found = new Dictionary<long, string>();
        using (var reader = await files.OpenRecordReaderAsync(GofsPath.Parse("/records"), cancellation))
        {
            await foreach (var record in reader.ReadAllAsync(cancellation)) found.Add(record.OffsetBytes, Encoding.UTF8.GetString(record.Data.Span));
        }

        Assert.Equal(found.Count, found.Values.Distinct().Count());
        Assert.Empty(acknowledged.Values.Except(found.Values));
        var replicas = 0;
        foreach (var index in (await LayoutAsync(client, files, cancellation)).Select(chunk => chunk.Index))
        {
            var bytes = await ReplicasAsync(client, files, index, cancellation);
            Assert.All(bytes, replica => Assert.True(bytes[0].AsSpan().SequenceEqual(replica), $"the replicas of chunk {index} differ"));
            foreach (var (at, text) in acknowledged.Where(one => one.Key / (4 << 20) == index))
            {
                var stands = bytes[0].AsSpan((int)(at % (4 << 20)) + 32, text.Length);
                Assert.True(stands.SequenceEqual(Encoding.UTF8.GetBytes(text)), $"the record at {at} is another one");
            }

            replicas += bytes.Length;
        }

        Say($"{acknowledged.Count} records acknowledged and found, {found.Count} in the file, in {replicas} replicas");
    }

    // Replicas that writers left behind are made again meanwhile, and with each the chunk gets another version.
    private static async Task<byte[][]> ReplicasAsync(GofsClient client, GofsNamespace files, int index, CancellationToken cancellation)
    {
        while (true)
        {
            var chunk = (await LayoutAsync(client, files, cancellation)).Single(one => one.Index == index);
            try
            {
                return await Task.WhenAll(chunk.Servers.Select(server => ReplicaAsync(client, server, chunk, cancellation)));
            }
            catch (GofsException moved) when (moved.Error is GofsError.StaleVersion or GofsError.ChunkNotFound)
            {
                await Task.Delay(200, cancellation);
            }
        }
    }

    private static async Task<byte[]> ReplicaAsync(GofsClient client, ServerId server, ChunkPlacement chunk, CancellationToken cancellation)
    {
        var grain = client.Grains.GetGrain<IChunkServerGrain>(server.Value);
        var bytes = new MemoryStream();
        while (await grain.ReadAsync(chunk.Handle, chunk.Version, bytes.Length, 1 << 20, cancellation) is { Data.Length: > 0 } read)
            bytes.Write(read.Data.Span);
        return bytes.ToArray();
    }

    private static async Task<ChunkPlacement[]> LayoutAsync(GofsClient client, GofsNamespace files, CancellationToken cancellation)
    {
        var status = await files.GetStatusAsync(cancellation);
        var entry = await files.StatAsync(GofsPath.Parse("/records"), cancellation: cancellation);
        return (await client.Grains.GetGrain<IFileGrain>(FileKey.Of(status.Number, entry.Inode)).GetLayoutAsync(0, 1024, cancellation)).Chunks;
    }

    private static async Task LiveServersAsync(GofsClient client, int servers, CancellationToken cancellation)
    {
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < servers) await Task.Delay(200, cancellation);
    }

    private void Say(FormattableString line) => output.WriteLine(FormattableString.Invariant(line));
}
