using System.Buffers.Binary;
using System.Net;
using Gofs.Chunks;

namespace Gofs.Transport;

/// <summary>
/// The head of every message on a chunk server's data port. A frame is this header, then a token when <see cref="FrameFlags.Token"/> is
/// set, then a hop for each server the frame goes on to, then the data. Little-endian; docs/formats.md has the picture. Why fixed: who
/// receives knows from 64 bytes, checked before anything is allocated, how much follows and where to put it.
/// </summary>
internal readonly record struct FrameHeader
{
    /// <summary>Bytes of the header alone.</summary>
    public const int Bytes = 64;

    /// <summary>The most servers a frame goes on to.</summary>
    public const int MostHops = 7;

    /// <summary>Bytes of one hop: an IPv6 address (IPv4 mapped), a port, two of zero.</summary>
    public const int HopBytes = 20;

    /// <summary>The most bytes before the data.</summary>
    public const int MostHeadBytes = Bytes + ChunkToken.Bytes + (MostHops * HopBytes);

    /// <summary>The most bytes of data.</summary>
    public const int MostDataBytes = 1 << 20;

    private const uint Magic = 0x46534647; // "GFSF"
    private const byte FormatVersion = 1;

    /// <summary>What is asked for, or answered.</summary>
    public FrameOp Op { get; init; }

    /// <summary>See there.</summary>
    public FrameFlags Flags { get; init; }

    /// <summary>Servers the frame goes on to.</summary>
    public int Hops { get; init; }

    /// <summary>Names the request on its connection; its answer has the same.</summary>
    public ulong RequestId { get; init; }

    /// <summary>Which chunk.</summary>
    public ChunkHandle Handle { get; init; }

    /// <summary>The version the caller holds.</summary>
    public ChunkVersion Version { get; init; }

    /// <summary>Of an answer: 0 when it went well, else 1 + <see cref="GofsError"/>; the data are a line for a person then.</summary>
    public int Status { get; init; }

    /// <summary>Of an answer that tells of a failure: how many hops from the asked server the one is that failed.</summary>
    public int FailedHop { get; init; }

    /// <summary>Place in the chunk, in bytes. Of the answer to a write or flush: <see cref="LossMarks"/>, to an append: where it is.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes of data that follow.</summary>
    public int DataLength { get; init; }

    /// <summary>Of a read how many bytes are wanted, of a write or append how large the chunk may become, of several writes how many.</summary>
    public int Amount { get; init; }

    /// <summary>CRC32C of the data.</summary>
    public uint DataCrc { get; init; }

    /// <summary>How long the caller waits for the answer: nobody needs to try longer.</summary>
    public int LimitMilliseconds { get; init; }

    /// <summary>Of a write or flush how long the replica must be already: a shorter one lacks what was acknowledged. 0: the caller can't say.</summary>
    public int LeastLength { get; init; }

    /// <summary>Whether it is acknowledged only when it is on stable storage.</summary>
    public bool IsDurable => (Flags & FrameFlags.Durable) != 0;

    /// <summary>Whether it is an answer.</summary>
    public bool IsAnswer => (Flags & FrameFlags.Answer) != 0;

    /// <summary>Bytes before the data.</summary>
    public int HeadBytes => Bytes + ((Flags & FrameFlags.Token) != 0 ? ChunkToken.Bytes : 0) + (Hops * HopBytes);

    /// <summary>Writes header, token and hops; answers how many bytes that were.</summary>
    public int Format(Span<byte> to, in ChunkToken token, ReadOnlySpan<IPEndPoint> hops)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = FormatVersion;
        to[5] = (byte)Op;
        to[6] = (byte)Flags;
        to[7] = (byte)Hops;
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], RequestId);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Handle.Value);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Version.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(to[28..], (ushort)Status);
        BinaryPrimitives.WriteUInt16LittleEndian(to[30..], (ushort)FailedHop);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], DataLength);
        BinaryPrimitives.WriteInt32LittleEndian(to[44..], Amount);
        BinaryPrimitives.WriteUInt32LittleEndian(to[48..], DataCrc);
        BinaryPrimitives.WriteInt32LittleEndian(to[52..], LimitMilliseconds);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], LeastLength);
        var at = Bytes;
        if ((Flags & FrameFlags.Token) != 0)
        {
            token.Format(to[at..]);
            at += ChunkToken.Bytes;
        }

        for (var i = 0; i < Hops; i++, at += HopBytes) FormatHop(to[at..], hops[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[60..], Crc32C.Append(Crc32C.Compute(to[..60]), to[Bytes..at]));
        return at;
    }

    /// <summary>Reads a header from 64 bytes, all lengths checked; its CRC is not, because what it covers may not have arrived.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: it is none.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> from)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic || from[4] != FormatVersion)
            throw new GofsException(GofsError.Corrupt, "what arrived does not begin as a frame of the data plane, format 1");
        var header = new FrameHeader
        {
            Op = (FrameOp)from[5],
            Flags = (FrameFlags)from[6],
            Hops = from[7],
            RequestId = BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            Handle = new(BinaryPrimitives.ReadUInt64LittleEndian(from[16..])),
            Version = new(BinaryPrimitives.ReadInt32LittleEndian(from[24..])),
            Status = BinaryPrimitives.ReadUInt16LittleEndian(from[28..]),
            FailedHop = BinaryPrimitives.ReadUInt16LittleEndian(from[30..]),
            Offset = BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            DataLength = BinaryPrimitives.ReadInt32LittleEndian(from[40..]),
            Amount = BinaryPrimitives.ReadInt32LittleEndian(from[44..]),
            DataCrc = BinaryPrimitives.ReadUInt32LittleEndian(from[48..]),
            LimitMilliseconds = BinaryPrimitives.ReadInt32LittleEndian(from[52..]),
            LeastLength = BinaryPrimitives.ReadInt32LittleEndian(from[56..]),
        };
        if (header.Hops > MostHops || header.DataLength is < 0 or > MostDataBytes || header.Amount < 0 || header.Offset < 0 || header.LimitMilliseconds < 0
            || header.LeastLength < 0)
            throw new GofsException(GofsError.Corrupt, $"a frame of {header.DataLength} bytes, {header.Hops} hops, {header.Amount} wanted makes no sense");
        return header;
    }

    /// <summary>Checks header, token and hops against their CRC.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>.</exception>
    public static void CheckCrc(ReadOnlySpan<byte> head)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[60..]) != Crc32C.Append(Crc32C.Compute(head[..60]), head[Bytes..]))
            throw new GofsException(GofsError.Corrupt, "a frame's head does not match its CRC");
    }

    /// <summary>Reads one hop.</summary>
    public static IPEndPoint ParseHop(ReadOnlySpan<byte> from)
    {
        var address = new IPAddress(from[..16]);
        return new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, BinaryPrimitives.ReadUInt16LittleEndian(from[16..]));
    }

    /// <summary>Writes one hop.</summary>
    public static void FormatHop(Span<byte> to, IPEndPoint hop)
    {
        hop.Address.MapToIPv6().TryWriteBytes(to, out _);
        BinaryPrimitives.WriteUInt16LittleEndian(to[16..], (ushort)hop.Port);
        to[18] = to[19] = 0;
    }
}
