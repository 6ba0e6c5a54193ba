using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>One silo and a client of it, for all tests of a class.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    internal SiloProcess Silo { get; private set; } = null!;

    internal GofsClient Client { get; private set; } = null!;

    /// <summary>As the client has them.</summary>
    internal GofsClientOptions Options => Silo.ClientOptions with { TransferBytes = 64 << 10, ConnectTimeout = TimeSpan.FromMinutes(1) };

    public async ValueTask InitializeAsync()
    {
        Silo = await SiloProcess.StartAsync();
        Client = await GofsClient.ConnectAsync(Options);
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is not null) await Client.DisposeAsync();
        if (Silo is not null) await Silo.DisposeAsync();
    }
}
