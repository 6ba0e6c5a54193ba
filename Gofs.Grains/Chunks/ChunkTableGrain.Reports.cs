using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>How a chunk table learns where replicas are: servers report what changes, and everything when they or the table start.</summary>
internal sealed partial class ChunkTableGrain
{
    private readonly AwaitedReports awaited = new();

    /// <inheritdoc/>
    public async Task<ChunkHandle[]> ReportAsync(ChunkReport report, CancellationToken cancellation)
    {
        if (report.First) replicas.Forget(report.Server);
        foreach (var handle in report.Gone) replicas.Remove(handle, report.Server);
        var (_, config) = await settings.GetAsync(namespaceNumber, cancellation);
        var now = time.GetUtcNow();
        List<ChunkHandle> stale = [];
        foreach (var (handle, version, _) in report.Present)
        {
            Check(handle);
            See(report.Server, handle, version, stale);
            if (!State.TryGet(handle, out _)) unconfirmed.SeeStranger(handle, now, config.LeaseTime);
        }

        awaited.Heard();
        await DurableAsync(cancellation);
        return [.. stale];
    }

    private void See(ServerId server, ChunkHandle handle, ChunkVersion version, List<ChunkHandle> stale)
    {
        var counts = State.VersionOf(handle);
        if (version == counts)
        {
            replicas.Add(handle, server);
        }
        else if (granting.ContainsKey(handle))
        {
            // Whoever gives the new version says who has it.
        }
        else if (version > counts)
        {
            Raise(new VersionMoved(handle, version));
            replicas.Set(handle, [server]);
        }
        else
        {
            replicas.Remove(handle, server);
            if (replicas.Of(handle).Length > 0) stale.Add(handle);
        }
    }

    /// <summary>Waits, for a while, until a server has reported each of the chunks, or none is left to be heard.</summary>
    private async Task HearOfAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (!awaited.IsComplete && Array.Exists(handles, handle => replicas.Of(handle).Length == 0))
        {
            var left = ServerPatience - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return;
            await Task.WhenAny(awaited.Next, Task.Delay(left, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // The registry may not know a server yet when this table starts, and a server may not answer: who has not reported is asked again.
    private async Task AskForReportsAsync(CancellationToken cancellation)
    {
        foreach (var server in awaited.TakeToAsk(await servers.GetAsync(cancellation))) _ = AskForReportAsync(server);
    }

    private async Task AskForReportAsync(ServerId server)
    {
        try
        {
            await GrainFactory.GetGrain<IChunkServerGrain>(server.Value).ReportToAsync(namespaceNumber, shard, CancellationToken.None)
                .WaitAsync(ReportPatience, time);
            awaited.Reported(server);
        }
        catch (Exception silent)
        {
            // Nobody awaits this: what is not said here is lost.
            awaited.Failed(server);
            LogNoReport(logger, namespaceNumber, shard, server, silent);
        }
    }

    [LoggerMessage(2102, LogLevel.Warning, "Chunk table {Namespace}/{Shard} has no report of {Server} yet; it is asked again")]
    private static partial void LogNoReport(ILogger logger, int @namespace, int shard, ServerId server, Exception silent);
}
