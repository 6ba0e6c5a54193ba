using Gofs.ChunkServers;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Chunks;

/// <summary>All that a chunk table knows of one chunk.</summary>
/// <param name="Handle">Which.</param>
/// <param name="IsReferred">Whether a file refers to it.</param>
/// <param name="Version">The version that counts.</param>
/// <param name="Goal">Wanted replicas; 0 when no file refers to it.</param>
/// <param name="Servers">Chunk servers that reported this version, or are being written to.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.table-row")]
public sealed record ChunkTableRow(
    [property: Id(0)] ChunkHandle Handle,
    [property: Id(1)] bool IsReferred,
    [property: Id(2)] ChunkVersion Version,
    [property: Id(3)] int Goal,
    [property: Id(4)] ServerId[] Servers)
{
    /// <summary>Of a chunk no file refers to: when its time is over and it is collected; null when the table has not heard of it.</summary>
    [Id(5)] public DateTimeOffset? CollectAt { get; init; }

    /// <summary>Whether the table ever gave out such a handle.</summary>
    [Id(6)] public bool WasGivenOut { get; init; }

    /// <summary>
    /// Of a chunk that clones share, or once did: the files that refer to it. Empty for one that was never shared: it is one file's, whichever that is.
    /// </summary>
    [Id(7)] public InodeNumber[] Files { get; init; } = [];
}

/// <summary>A part of a chunk table, in the order of the handles.</summary>
/// <param name="Rows">Chunks that files refer to.</param>
/// <param name="Upto">The counter to go on behind.</param>
/// <param name="IsLast">Whether nothing follows.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.table-page")]
public sealed record ChunkTablePage([property: Id(0)] ChunkTableRow[] Rows, [property: Id(1)] long Upto, [property: Id(2)] bool IsLast);
