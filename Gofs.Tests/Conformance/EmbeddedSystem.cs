using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>The embedded default: one silo with SQLite.</summary>
public sealed class EmbeddedSystem : IServedSystem, IAsyncLifetime
{
    private readonly SiloFixture silo = new();
    private int last;

    /// <inheritdoc/>
    public GofsClient Client => silo.Client;

    /// <inheritdoc/>
    public GofsClientOptions Options => silo.Options;

    /// <inheritdoc/>
    public int Silos => 1;

    /// <inheritdoc/>
    public int NextNumber() => Interlocked.Increment(ref last);

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => silo.InitializeAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => silo.DisposeAsync();
}

/// <summary>The tests that run there.</summary>
[CollectionDefinition]
public sealed class EmbeddedCollection : ICollectionFixture<EmbeddedSystem>;
