using System.Globalization;
using System.Text;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Orleans.Runtime;

namespace Gofs.Tests.Cluster;

/// <summary>Says all that can be found out about a file that could not be read: what its table knows, what each server says, what a check finds.</summary>
internal static class UnreadFile
{
    private const int MostChunks = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>All that can be found out within some seconds for each question; what is not answered is named too.</summary>
    public static async Task<string> ExplainAsync(GofsClient client, GofsNamespace files, GofsPath path, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        ChunkServerInfo[] servers = [];
        ChunkHandle[] handles = [];
        await SayAsync(text, "servers", async () => string.Join(", ", (servers = await client.ListChunkServersAsync(cancellation))
            .Select(one => $"{one.Server} {one.Standing} {one.Mark}")));
        await SayAsync(text, "tables", async () => $"{await client.GetHealingAsync(files.Name, cancellation)}");
        await SayAsync(text, "layout", async () =>
        {
            var layout = await files.GetLayoutAsync(path, 0, MostChunks, cancellation);
            handles = [.. layout.Chunks.Select(chunk => chunk.Handle).Where(handle => handle != ChunkHandle.None)];
            return $"{layout.LengthBytes} bytes, {string.Join("; ", layout.Chunks.Select(chunk => Text(chunk.Handle, chunk.Version, chunk.Servers)))}";
        });
        foreach (var some in handles.GroupBy(ChunkTableKey.Of))
        {
            await SayAsync(text, $"table {some.Key}", async () =>
            {
                var rows = await client.Grains.GetGrain<IChunkTableGrain>(some.Key).DescribeAsync([.. some], cancellation);
                foreach (var row in rows) await SayReplicasAsync(client, text, row, servers, cancellation);
                return string.Join("; ", rows.Select(row => $"{Text(row.Handle, row.Version, row.Servers)} of {row.Goal}"));
            });
        }

        await SayAsync(text, "fsck", async () =>
        {
            var findings = new StringBuilder();
            await foreach (var one in files.CheckAsync(path, cancellation: cancellation))
                findings.Append(CultureInfo.InvariantCulture, $"{one.What}: {one.Why}; ");
            return findings.ToString();
        });
        return text.ToString();
    }

    private static async Task SayReplicasAsync(
        GofsClient client, StringBuilder text, ChunkTableRow row, ChunkServerInfo[] servers, CancellationToken cancellation)
    {
        foreach (var server in servers)
        {
            await SayAsync(text, $"{row.Handle} on {server.Server}", async () =>
            {
                var grain = client.Grains.GetGrain<IChunkServerGrain>(server.Server.Value);
                return $"{await grain.GetLengthAsync(row.Handle, row.Version, cancellation)} bytes";
            });
        }
    }

    private static async Task SayAsync(StringBuilder text, string what, Func<Task<string>> answer)
    {
        try
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{what}: {await answer().WaitAsync(Patience)}");
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{what}: {silent.Message}");
        }
    }

    private static string Text(ChunkHandle handle, ChunkVersion version, ServerId[] servers) => $"{handle} {version} on {string.Join(",", servers)}";
}
