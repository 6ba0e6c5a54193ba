using System.Buffers.Binary;
using System.Security.Cryptography;
using Gofs.Transport;

namespace Gofs.Silo.Hosting.Pulses;

/// <summary>
/// What a silo sends to each other one ten times a second, as one datagram: that it lives, and which silos it does not hear any more. Always the
/// same size, below what any network carries in one piece. Little-endian; docs/formats.md has the picture. It is signed with a key derived from the
/// cluster key, so that nobody else can make a silo look alive, or dead.
/// </summary>
/// <param name="From">Who sends it.</param>
/// <param name="Sequence">1, 2, 3, ... of this sender: what is not later than one that was heard is old, or is played again.</param>
/// <param name="Silent">Silos it heard once and has not heard for <see cref="PulseJudgement.Silence"/>: its votes, at most <see cref="MostSilent"/>.</param>
internal sealed record Pulse(SiloAddress From, ulong Sequence, IReadOnlyList<SiloAddress> Silent)
{
    /// <summary>Bytes of a datagram.</summary>
    public const int Bytes = SilentAt + (MostSilent * SiloBytes) + HMACSHA256.HashSizeInBytes;

    /// <summary>The most silos that are told as silent at once. When more are, these are declared dead first.</summary>
    public const int MostSilent = 16;

    private const uint Magic = 0x50534647; // "GFSP"
    private const byte FormatVersion = 1;
    private const int SiloBytes = FrameHeader.HopBytes + 4;
    private const int FromAt = 8;
    private const int SequenceAt = FromAt + SiloBytes;
    private const int SilentAt = SequenceAt + 8;
    private const int MacAt = Bytes - HMACSHA256.HashSizeInBytes;

    /// <summary>The key pulses are signed with.</summary>
    public static byte[] KeyOf(ClusterKey key) => key.For("gofs pulse 1"u8);

    /// <summary>Writes the datagram.</summary>
    /// <param name="to"><see cref="Bytes"/> bytes.</param>
    /// <param name="key">See <see cref="KeyOf"/>.</param>
    public void Format(Span<byte> to, ReadOnlySpan<byte> key)
    {
        to = to[..Bytes];
        to.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = FormatVersion;
        to[5] = (byte)Silent.Count;
        FormatSilo(to[FromAt..], From);
        BinaryPrimitives.WriteUInt64LittleEndian(to[SequenceAt..], Sequence);
        for (var i = 0; i < Silent.Count; i++) FormatSilo(to[(SilentAt + (i * SiloBytes))..MacAt], Silent[i]);
        HMACSHA256.HashData(key, to[..MacAt], to[MacAt..]);
    }

    /// <summary>Reads a datagram. Anybody may have sent it: nothing is read before its signature is found right.</summary>
    /// <returns>Null: it is no pulse of this cluster that this release understands.</returns>
    public static Pulse? Parse(ReadOnlySpan<byte> from, ReadOnlySpan<byte> key)
    {
        if (from.Length != Bytes || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic || from[4] != FormatVersion || from[5] > MostSilent) return null;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, from[..MacAt], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, from[MacAt..])) return null;
        var silent = from[5] == 0 ? [] : new SiloAddress[from[5]];
        for (var i = 0; i < silent.Length; i++) silent[i] = ParseSilo(from[(SilentAt + (i * SiloBytes))..]);
        return new(ParseSilo(from[FromAt..]), BinaryPrimitives.ReadUInt64LittleEndian(from[SequenceAt..]), silent);
    }

    private static void FormatSilo(Span<byte> to, SiloAddress silo)
    {
        FrameHeader.FormatHop(to, silo.Endpoint);
        BinaryPrimitives.WriteInt32LittleEndian(to[FrameHeader.HopBytes..], silo.Generation);
    }

    private static SiloAddress ParseSilo(ReadOnlySpan<byte> from) =>
        SiloAddress.New(FrameHeader.ParseHop(from), BinaryPrimitives.ReadInt32LittleEndian(from[FrameHeader.HopBytes..]));
}
