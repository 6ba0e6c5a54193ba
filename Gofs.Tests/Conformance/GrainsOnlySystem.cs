namespace Gofs.Tests.Conformance;

/// <summary>A file system as a client sees it that reaches nothing but Orleans: no data port.</summary>
internal sealed class GrainsOnlySystem(IServedSystem inner) : IServedSystem
{
    private GofsClient? client;

    /// <inheritdoc/>
    public GofsClient Client => client ??= new GofsClient(inner.Client.Grains, Options);

    /// <inheritdoc/>
    public GofsClientOptions Options => inner.Options with { DataPorts = false };

    /// <inheritdoc/>
    public int Silos => inner.Silos;

    /// <inheritdoc/>
    public int NextNumber() => inner.NextNumber();
}
