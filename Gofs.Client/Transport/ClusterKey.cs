using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Gofs.Chunks;

namespace Gofs.Transport;

/// <summary>
/// The secret all silos of a cluster share: makes and checks the tokens of the data plane. Only its hash is kept.
/// </summary>
internal sealed class ClusterKey
{
    /// <summary>How long a token is good. A reader or writer that is at it longer asks again where the chunk is.</summary>
    public static readonly TimeSpan TokenTime = TimeSpan.FromMinutes(10);

    /// <summary>How far the clocks of two machines may be apart.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly byte[] key;

    /// <summary>A key from the bytes of a key file, or from what stands for one where only loopback is served.</summary>
    public ClusterKey(ReadOnlySpan<byte> secret) => key = HMACSHA256.HashData("gofs data plane token 1"u8, secret);

    /// <summary>
    /// The key of a file system that nobody gave one: it listens on loopback only, and its tokens keep mistakes out, not attackers (who could
    /// read the disks).
    /// </summary>
    public static ClusterKey OfLoopback(string clusterId) => new(Encoding.UTF8.GetBytes(clusterId));

    /// <summary>A key of its own for something else that is signed: whoever learns one learns nothing of the others.</summary>
    /// <param name="purpose">What it is for, with the version of what is signed; other bytes than a token has.</param>
    /// <returns>32 bytes.</returns>
    public byte[] For(ReadOnlySpan<byte> purpose) => HMACSHA256.HashData(key, purpose);

    /// <summary>Gives a token.</summary>
    public ChunkToken Sign(ChunkHandle handle, ChunkVersion version, ChunkRights rights, long leaseEpoch, DateTimeOffset now)
    {
        var token = new ChunkToken(rights, (now + TokenTime).ToUnixTimeMilliseconds(), leaseEpoch, 0, 0);
        var (mac1, mac2) = Mac(handle, version, token);
        return token with { Mac1 = mac1, Mac2 = mac2 };
    }

    /// <summary>Whether a token allows something now. Takes the same time whatever is wrong with it.</summary>
    public bool Allows(in ChunkToken token, ChunkHandle handle, ChunkVersion version, ChunkRights rights, DateTimeOffset now)
    {
        var (mac1, mac2) = Mac(handle, version, token);
        var differs = (mac1 ^ token.Mac1) | (mac2 ^ token.Mac2);
        return differs == 0 && (token.Rights & rights) == rights && now.ToUnixTimeMilliseconds() <= token.ExpiresAt + (long)ClockSkew.TotalMilliseconds;
    }

    private (ulong First, ulong Second) Mac(ChunkHandle handle, ChunkVersion version, in ChunkToken token)
    {
        Span<byte> said = stackalloc byte[12 + ChunkToken.Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(said, handle.Value);
        BinaryPrimitives.WriteInt32LittleEndian(said[8..], version.Value);
        (token with { Mac1 = 0, Mac2 = 0 }).Format(said[12..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, said, mac);
        return (BinaryPrimitives.ReadUInt64LittleEndian(mac), BinaryPrimitives.ReadUInt64LittleEndian(mac[8..]));
    }
}
