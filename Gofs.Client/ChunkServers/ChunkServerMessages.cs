using Gofs.Chunks;
using Orleans;

namespace Gofs.ChunkServers;

/// <summary>Writes bytes of one chunk on one server.</summary>
/// <param name="Handle">Which chunk.</param>
/// <param name="Version">The version the writer holds; another on the server is <see cref="GofsError.StaleVersion"/>.</param>
/// <param name="OffsetBytes">Where in the chunk.</param>
/// <param name="Data">1 byte to 1 MiB. Not copied on the way in: the caller must not change it before the answer.</param>
/// <param name="Crc">CRC32C of <paramref name="Data"/>, checked before anything is written.</param>
/// <param name="ChunkSizeBytes">How large the chunk may become: it is created so when it is not there.</param>
/// <param name="Durable">Answer only when all written to the chunk so far is on stable storage.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.write")]
public sealed record ChunkWrite(
    [property: Id(0)] ChunkHandle Handle,
    [property: Id(1)] ChunkVersion Version,
    [property: Id(2)] long OffsetBytes,
    [property: Id(3)] ReadOnlyMemory<byte> Data,
    [property: Id(4)] uint Crc,
    [property: Id(5)] long ChunkSizeBytes,
    [property: Id(6)] bool Durable)
{
    /// <summary>
    /// How long the replica must be already, because so many bytes of the chunk were acknowledged: a shorter one is <see cref="GofsError.ReplicasDiffer"/>, one
    /// that is not there <see cref="GofsError.ChunkNotFound"/>. 0: the writer can't say.
    /// </summary>
    [Id(7)] public long LeastLengthBytes { get; init; }
}

/// <summary>Bytes of one chunk.</summary>
/// <param name="Data">The bytes; fewer than asked for where the chunk ends.</param>
/// <param name="Crc">Their CRC32C, computed where they were checked.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.data")]
public readonly record struct ChunkData([property: Id(0)] ReadOnlyMemory<byte> Data, [property: Id(1)] uint Crc);

/// <summary>One disk of a chunk server.</summary>
/// <param name="Path">Its folder.</param>
/// <param name="TotalBytes">Size of the file system it is on.</param>
/// <param name="FreeBytes">Room left.</param>
/// <param name="Chunks">Replicas on it.</param>
/// <param name="Fault">Why it is out of service, or null while it serves.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.disk")]
public sealed record DiskStatus(
    [property: Id(0)] string Path,
    [property: Id(1)] long TotalBytes,
    [property: Id(2)] long FreeBytes,
    [property: Id(3)] long Chunks,
    [property: Id(4)] string? Fault)
{
    /// <summary>Checksum blocks found bad since the server started: their bytes did not match their CRC.</summary>
    [Id(5)] public long BadChecksumBlocks { get; init; }

    /// <summary>How many of them were repaired from another replica.</summary>
    [Id(6)] public long RepairedChecksumBlocks { get; init; }
}

/// <summary>What a heartbeat carries.</summary>
/// <param name="Server">Who.</param>
/// <param name="Labels">Its labels, such as rack=r1.</param>
/// <param name="Disks">Its disks.</param>
/// <param name="StartedAt">When it started.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.heartbeat")]
public sealed record Heartbeat(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] Dictionary<string, string> Labels,
    [property: Id(2)] DiskStatus[] Disks,
    [property: Id(3)] DateTimeOffset StartedAt)
{
    /// <summary>Where its data port is ("address:port"); empty when it has none.</summary>
    [Id(4)] public string DataAddress { get; init; } = "";

    /// <summary>How far its scrub is; null: it is of a release that has none.</summary>
    [Id(5)] public ScrubStatus? Scrub { get; init; }

    /// <summary>What went over its data port; null: it does not say.</summary>
    [Id(6)] public ServerTraffic? Traffic { get; init; }
}

/// <summary>What a heartbeat answers.</summary>
/// <param name="NamespaceNumbers">The namespaces there are: chunks of others are reported as foreign.</param>
/// <param name="ShardsOf">Chunk table shards of each, in the same order.</param>
/// <param name="RemovedNumbers">The namespaces there were: chunks of these are deleted.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.instructions")]
public sealed record HeartbeatAnswer(
    [property: Id(0)] int[] NamespaceNumbers,
    [property: Id(1)] int[] ShardsOf,
    [property: Id(2)] int[] RemovedNumbers);

/// <summary>A chunk server as the cluster knows it.</summary>
/// <param name="Server">Who.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Disks">Its disks, as of the last heartbeat.</param>
/// <param name="LastHeartbeatAt">When that was; of one the registry has not heard since it started: when it started.</param>
/// <param name="Live">Whether it is heard from.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.info")]
public sealed record ChunkServerInfo(
    [property: Id(0)] ServerId Server,
    [property: Id(1)] Dictionary<string, string> Labels,
    [property: Id(2)] DiskStatus[] Disks,
    [property: Id(3)] DateTimeOffset LastHeartbeatAt,
    [property: Id(4)] bool Live)
{
    /// <summary>Where its data port is ("address:port"); empty when it has none.</summary>
    [Id(5)] public string DataAddress { get; init; } = "";

    /// <summary>Whether what it holds can be counted on.</summary>
    [Id(6)] public ServerStanding Standing { get; init; }

    /// <summary>What an operator said of it.</summary>
    [Id(7)] public ServerMark Mark { get; init; }

    /// <summary>When a mark of maintenance ends.</summary>
    [Id(8)] public DateTimeOffset? MarkedUntil { get; init; }

    /// <summary>How far its scrub is; null: it has not said so.</summary>
    [Id(9)] public ScrubStatus? Scrub { get; init; }

    /// <summary>What went over its data port, as of the last heartbeat; null: it has not said so.</summary>
    [Id(10)] public ServerTraffic? Traffic { get; init; }
}
