using Gofs.Chunks;
using Gofs.ChunkServers;
using Orleans;

namespace Gofs.Files;

/// <summary>Asks to append records to a file, beside others who do.</summary>
/// <param name="LeaseId">Names the append lease; asking again with the same is idempotent.</param>
/// <param name="WasOpen">Whether somebody else had the file open when this client opened it; see <see cref="AcquireLease.WasOpen"/>.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.join-append")]
public sealed record JoinAppend([property: Id(0)] LeaseId LeaseId, [property: Id(1)] bool WasOpen)
{
    /// <summary>The open flag this client raised (<see cref="Gofs.Namespaces.OpenedFile.OpenedAt"/>).</summary>
    [Id(2)] public long OpenedAt { get; init; }

    /// <summary>See <see cref="AcquireLease.IsPrepared"/>.</summary>
    [Id(3)] public bool IsPrepared { get; init; }

    /// <summary>See <see cref="AcquireLease.Goal"/>.</summary>
    [Id(4)] public int Goal { get; init; }
}

/// <summary>The right to append records to a file, which many may have at once.</summary>
/// <param name="LeaseId">Its name.</param>
/// <param name="LeaseTime">It lives this long from the last renewal.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="Chunk">Where records go now: the first of its servers is the primary, which chooses their places.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.append-lease")]
public sealed record AppendLease(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] TimeSpan LeaseTime,
    [property: Id(2)] long ChunkSizeBytes,
    [property: Id(3)] ChunkPlacement Chunk);

/// <summary>Asks to go on appending after an append has failed.</summary>
/// <param name="LeaseId">The append lease.</param>
/// <param name="Index">The chunk's place in the file.</param>
/// <param name="Version">The version it was appended to under.</param>
/// <param name="Without">Servers that failed: they are not asked.</param>
/// <param name="AcknowledgedBytes">Up to where the caller knows the chunk to be acknowledged: a shorter replica is not one any more.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.recover-append")]
public sealed record RecoverAppend(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] int Index,
    [property: Id(2)] ChunkVersion Version,
    [property: Id(3)] ServerId[] Without,
    [property: Id(4)] long AcknowledgedBytes);
