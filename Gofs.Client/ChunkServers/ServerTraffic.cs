using Orleans;

namespace Gofs.ChunkServers;

/// <summary>What went over a chunk server's data port since it started. Bytes that came over grains are not among it.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="ReceivedBytes">Bytes of chunks that came, from clients and from the servers before it in chains.</param>
/// <param name="SentBytes">Bytes of chunks that went out.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.traffic")]
public sealed record ServerTraffic([property: Id(0)] long Requests, [property: Id(1)] long ReceivedBytes, [property: Id(2)] long SentBytes);
