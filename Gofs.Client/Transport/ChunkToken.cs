using System.Buffers.Binary;
using Orleans;

namespace Gofs.Transport;

/// <summary>What a token allows.</summary>
[Flags]
public enum ChunkRights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Writing, flushing, truncating.</summary>
    Write = 2,

    /// <summary>Beside reading: it is another server that makes a replica, not a client, and gives way to clients.</summary>
    Copy = 4,
}

/// <summary>
/// The right to read or write one chunk at one version, for a time: whoever tells where a chunk is gives it, a chunk server serves nothing on its
/// data port without one. It is an HMAC by the cluster key, so no server has to ask anybody.
/// </summary>
/// <param name="Rights">What it allows.</param>
/// <param name="ExpiresAt">Until when: milliseconds since 1970 UTC.</param>
/// <param name="LeaseEpoch">The lease it was given with; 0 for none.</param>
/// <param name="Mac1">The first half of the HMAC.</param>
/// <param name="Mac2">The second half.</param>
[GenerateSerializer, Immutable, Alias("gofs.chunk.token")]
public readonly record struct ChunkToken(
    [property: Id(0)] ChunkRights Rights,
    [property: Id(1)] long ExpiresAt,
    [property: Id(2)] long LeaseEpoch,
    [property: Id(3)] ulong Mac1,
    [property: Id(4)] ulong Mac2)
{
    internal const int Bytes = 40;

    internal void Format(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)Rights);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], ExpiresAt);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], LeaseEpoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Mac1);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], Mac2);
    }

    internal static ChunkToken Parse(ReadOnlySpan<byte> from) => new(
        (ChunkRights)BinaryPrimitives.ReadUInt32LittleEndian(from),
        BinaryPrimitives.ReadInt64LittleEndian(from[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
        BinaryPrimitives.ReadUInt64LittleEndian(from[32..]));
}
