using System.Collections.Concurrent;
using Gofs.Chunks;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Asks the chunk tables of a namespace all the while whether any chunk has fewer good replicas, on silos that are there, than its goal.</summary>
internal sealed class GoalChecker : IAsyncDisposable
{
    private const int RowsAtOnce = 65_536;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly GofsClient client;
    private readonly string[] tables;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> faults = [];
    private readonly Task running;
    private long looks;

    private GoalChecker(GofsClient client, string[] tables)
    {
        (this.client, this.tables) = (client, tables);
        running = Task.Run(RunAsync);
    }

    public static async Task<GoalChecker> StartAsync(GofsClient client, string name, CancellationToken cancellation)
    {
        var info = (await client.ListNamespacesAsync(cancellation)).Single(one => one.Name == name);
        return new(client, [.. Enumerable.Range(0, info.InitialConfig.ChunkTableShards).Select(shard => ChunkTableKey.Of(info.Number, shard))]);
    }

    /// <summary>Ends, and says how often all chunks of a table were looked at.</summary>
    public async Task<long> EndAsync()
    {
        await stop.CancelAsync();
        await running;
        Assert.Empty(faults);
        return looks;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var table in tables) await LookAsync(client.Grains.GetGrain<IChunkTableGrain>(table));
            await Task.WhenAny(Task.Delay(Pause, stop.Token));
        }
    }

    private async Task LookAsync(IChunkTableGrain table)
    {
        try
        {
            if (!await IsReadyAsync(table)) return;
            var page = await table.ListAsync(0, RowsAtOnce);
            if (!await IsReadyAsync(table)) return; // it moved meanwhile, and does not know where anything is yet
            foreach (var row in page.Rows.Where(row => row.Servers.Length < row.Goal)) faults.Enqueue($"{row.Handle}: {row.Servers.Length} of {row.Goal}");
            looks++;
        }
        catch (Exception away) when (away is GofsException or TimeoutException or OrleansException)
        {
            // Its silo is the one that is stopped: it is asked again.
        }
    }

    private static async Task<bool> IsReadyAsync(IChunkTableGrain table) => (await table.GetHealingAsync()).TablesNotReady == 0;
}
