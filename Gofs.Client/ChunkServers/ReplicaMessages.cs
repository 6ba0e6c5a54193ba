using Gofs.Chunks;
using Orleans;

namespace Gofs.ChunkServers;

/// <summary>A replica to be looked at.</summary>
/// <param name="Handle">Which chunk.</param>
/// <param name="Version">The version it must have.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.replica-query")]
public readonly record struct ReplicaQuery([property: Id(0)] ChunkHandle Handle, [property: Id(1)] ChunkVersion Version);

/// <summary>What a chunk server found when it looked at a replica.</summary>
/// <param name="LengthBytes">How long it is.</param>
/// <param name="Error">Why it is no good, or null.</param>
/// <param name="Detail">The same in words; empty when it is good.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.replica-state")]
public sealed record ReplicaState([property: Id(0)] long LengthBytes, [property: Id(1)] GofsError? Error, [property: Id(2)] string Detail)
{
    /// <summary>Damages the server knows of in it that are not repaired yet: bad checksum blocks, or the whole of it.</summary>
    [Id(3)] public int Damages { get; init; }

    /// <summary>Whether it is good as far as the server knows: nothing has to be read elsewhere.</summary>
    public bool IsSound => Error is null && Damages == 0;
}

/// <summary>A part of the replicas a chunk server has of one chunk table, in the order of the handles.</summary>
/// <param name="Replicas">The replicas.</param>
/// <param name="IsLast">Whether nothing follows; else go on behind the last one's counter.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.replica-page")]
public sealed record ReplicaPage([property: Id(0)] ReplicaReport[] Replicas, [property: Id(1)] bool IsLast);
