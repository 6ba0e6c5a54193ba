using Gofs.Tests.Cluster;

namespace Gofs.Tests.Histories;

/// <summary>A client of each silo, which asks that one and no other, and soon gives up.</summary>
internal sealed class SingleGatewayClients : IAsyncDisposable
{
    private static readonly GofsClientOptions Options = new() { OperationTimeout = TimeSpan.FromSeconds(3), AttemptTimeout = TimeSpan.FromSeconds(1) };
    private readonly List<OneGatewayClient> all = [];

    private SingleGatewayClients()
    {
    }

    public IEnumerable<GofsClient> All => all.Select(one => one.Client);

    public static async Task<SingleGatewayClients> ConnectAsync(ClusterProcess cluster, CancellationToken cancellation)
    {
        var clients = new SingleGatewayClients();
        foreach (var gateway in cluster.Gateways) clients.all.Add(await OneGatewayClient.ConnectAsync(gateway, Options, cancellation));
        return clients;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in all) await one.DisposeAsync();
    }
}
