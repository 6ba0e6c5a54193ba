using Gofs.ChunkServers;

namespace Gofs.Ctl.Bench;

/// <summary>What grain calls of 1 MiB carry when they do nothing else, as many at once as an open file has on the way.</summary>
internal static class TransportCeiling
{
    private const int PieceBytes = IChunkServerGrain.MaxTransferBytes;

    /// <summary>MiB a second to a chunk server and from it.</summary>
    public static async Task<(double To, double From)> MeasureAsync(GofsClient client, ServerId server, long size, CancellationToken cancellation)
    {
        var grain = client.Grains.GetGrain<IChunkServerGrain>(server.Value);
        var (data, none) = (new ChunkData(new byte[PieceBytes], 0), new ChunkData(default, 0));
        var pieces = (int)Math.Max(1, size / PieceBytes);
        var atOnce = new GofsClientOptions().TransfersInFlight;
        var to = await Rate.MeasureAsync(pieces, atOnce, _ => grain.EchoAsync(data, 0, cancellation), cancellation);
        var from = await Rate.MeasureAsync(pieces, atOnce, _ => grain.EchoAsync(none, PieceBytes, cancellation), cancellation);
        return (to.PerSecond, from.PerSecond);
    }
}
