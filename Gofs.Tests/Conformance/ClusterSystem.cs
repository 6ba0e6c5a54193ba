using Gofs.Tests.Cluster;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>A cluster: three silos with PostgreSQL.</summary>
public sealed class ClusterSystem : IServedSystem, IAsyncLifetime
{
    private ClusterProcess? cluster;
    private GofsClient? client;
    private int last;

    /// <inheritdoc/>
    public GofsClient Client => client!;

    /// <inheritdoc/>
    public GofsClientOptions Options => cluster!.ClientOptions with { TransferBytes = 64 << 10 };

    /// <inheritdoc/>
    public int Silos => cluster!.Silos;

    /// <inheritdoc/>
    public int NextNumber() => Interlocked.Increment(ref last);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        cluster = await ClusterProcess.StartAsync(3);
        client = await GofsClient.ConnectAsync(Options);
        await AllServeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (client is not null) await client.DisposeAsync();
        if (cluster is not null) await cluster.DisposeAsync();
    }

    /// <summary>A chunk server is known when its first heartbeat has come.</summary>
    private async Task AllServeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await Client.ListChunkServersAsync(patience.Token)).Count(server => server.Live) < Silos) await Task.Delay(50, patience.Token);
    }
}

/// <summary>The tests that run there.</summary>
[CollectionDefinition]
public sealed class ClusterCollection : ICollectionFixture<ClusterSystem>;
