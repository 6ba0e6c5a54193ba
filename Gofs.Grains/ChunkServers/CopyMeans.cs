using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>What a copy is made with.</summary>
/// <param name="Store">Where it goes.</param>
/// <param name="ServerOf">How a source is asked what is touched.</param>
/// <param name="Transport">How its bytes are read.</param>
/// <param name="Rate">How fast.</param>
/// <param name="Time">The clock of all that waits.</param>
internal sealed record CopyMeans(
    IChunkStore Store, Func<ServerId, IChunkServerGrain> ServerOf, IChunkTransport Transport, CopyRate Rate, TimeProvider Time)
{
    /// <summary>Whether clients use this server; null: it is always as if they did.</summary>
    public ClientUse? Clients { get; init; }

    /// <summary>Where copies are made.</summary>
    public TaskScheduler Pool { get; init; } = TaskScheduler.Default;

    /// <summary>How fast, of that, what only fills servers evenly; null: as fast.</summary>
    public CopyRate? MoveRate { get; init; }
}
