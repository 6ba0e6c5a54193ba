using Gofs.Chunks;
using Gofs.Transport;
using Orleans;

namespace Gofs.ChunkServers;

/// <summary>Asks a server, the target, to copy a replica from another, the source, while the chunk may be written.</summary>
/// <param name="Handle">Which chunk.</param>
/// <param name="Version">The version the source has.</param>
/// <param name="Source">The server that has a good replica.</param>
/// <param name="Token">The right to read it there.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.replica-copy")]
public sealed record ReplicaCopy(
    [property: Id(0)] ChunkHandle Handle,
    [property: Id(1)] ChunkVersion Version,
    [property: Id(2)] ServerId Source,
    [property: Id(3)] ChunkToken Token)
{
    /// <summary>Whether it is only to fill servers evenly: slower, and few at once.</summary>
    [Id(4)] public bool IsMove { get; init; }

    /// <summary>Whether the chunk has one replica left: it has a place where others have none any more.</summary>
    [Id(5)] public bool IsUrgent { get; init; }
}

/// <summary>A copy a target has made, or is making. It is no replica yet: nobody reads it and no report names it until it is installed.</summary>
/// <param name="CopyId">Names it on the target; 0: it is not made yet, ask again.</param>
/// <param name="LengthBytes">How long it is.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.replica-copied")]
public readonly record struct ReplicaCopied([property: Id(0)] long CopyId, [property: Id(1)] long LengthBytes);

/// <summary>
/// Makes a copy a replica of a new version. The source has taken that version, and nobody may write under it yet: so the target fetches what was
/// touched since it copied, and is then equal.
/// </summary>
/// <param name="Handle">Which chunk.</param>
/// <param name="CopyId">The copy, as the target named it.</param>
/// <param name="Version">The new version, which the source has taken.</param>
/// <param name="Token">The right to read the source under the new version.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.replica-install")]
public sealed record ReplicaInstall(
    [property: Id(0)] ChunkHandle Handle,
    [property: Id(1)] long CopyId,
    [property: Id(2)] ChunkVersion Version,
    [property: Id(3)] ChunkToken Token);

/// <summary>What a source tells a target that begins to copy: from then on it remembers which checksum blocks are touched.</summary>
/// <param name="SourceId">Names this copying on the source; it ends two minutes after it was last asked, or with the source.</param>
/// <param name="LengthBytes">The chunk's length now.</param>
/// <param name="ChunkSizeBytes">How large it may become.</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.copy-source")]
public readonly record struct CopySource(
    [property: Id(0)] long SourceId, [property: Id(1)] long LengthBytes, [property: Id(2)] long ChunkSizeBytes)
{
    /// <summary>Whether clients use the source: it is not to be read as fast as it could be.</summary>
    [Id(3)] public bool HasClients { get; init; }
}

/// <summary>What was touched at a source since it was last asked.</summary>
/// <param name="LengthBytes">The chunk's length now.</param>
/// <param name="ChecksumBlocks">The indexes of checksum blocks that were written or cut, ascending; at most 16,384 (a chunk of 1 GiB).</param>
[GenerateSerializer, Immutable, Alias("gofs.cs.touched")]
public sealed record TouchedBytes([property: Id(0)] long LengthBytes, [property: Id(1)] int[] ChecksumBlocks);
