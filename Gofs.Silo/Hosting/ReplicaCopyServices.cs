using Gofs.Cluster;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Internal;
using Gofs.Transport;
using Microsoft.Extensions.Options;

namespace Gofs.Silo.Hosting;

/// <summary>What a silo that is a chunk server needs to copy replicas from others: it reads them as any client does.</summary>
internal static class ReplicaCopyServices
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds them.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IChunkTransport>(
            provider => TransportOf(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(MeansOf);
        services.AddSingleton<ReplicaCopies>();
    }

    private static SocketTransport TransportOf(IGrainFactory grains, TimeProvider time) => new(
        new(time, ConnectTimeout), new DataAddresses(() => grains.GetGrain<IClusterGrain>(0).ListChunkServersAsync(), time),
        new GrainTransport(grains, time, CallTimeout, CallTimeout), CallTimeout, CallTimeout);

    private static CopyMeans MeansOf(IServiceProvider provider)
    {
        var grains = provider.GetRequiredService<IGrainFactory>();
        var time = provider.GetRequiredService<TimeProvider>();
        var options = provider.GetRequiredService<IOptionsMonitor<ChunkServerOptions>>();
        return new(
            provider.GetRequiredService<IChunkStore>(), server => grains.GetGrain<IChunkServerGrain>(server.Value),
            provider.GetRequiredService<IChunkTransport>(),
            new(() => options.CurrentValue.CopyBytesPerSecond, time), time)
        {
            Clients = provider.GetRequiredService<ClientUse>(),
            MoveRate = new(() => options.CurrentValue.RebalanceBytesPerSecond, time),
        };
    }
}
