using System.Buffers.Binary;
using Gofs.ChunkServers;

namespace Gofs.Transport;

/// <summary>
/// Several whole small chunks as the data of one frame (<see cref="FrameOp.WriteEach"/>): an entry of 64 bytes for each, then their bytes, one after the
/// other. Why: a frame costs the client and every server of the chain more than 4 KiB do. Each has its own token, CRC and outcome; how many
/// there are is in the frame's header. docs/formats.md has the picture.
/// </summary>
internal static class ChunkWrites
{
    /// <summary>The most chunks of one frame.</summary>
    public const int MostChunks = 64;

    /// <summary>Bytes of an entry.</summary>
    public const int EntryBytes = 24 + ChunkToken.Bytes;

    /// <summary>Bytes of a message; may be more than a frame has (<see cref="FrameHeader.MostDataBytes"/>).</summary>
    public static long BytesOf(ReadOnlySpan<AllowedWrite> writes)
    {
        var bytes = (long)writes.Length * EntryBytes;
        foreach (var one in writes) bytes += one.Write.Data.Length;
        return bytes;
    }

    /// <summary>Writes a message of whole chunks, that is of writes at their beginning.</summary>
    public static void Format(Span<byte> to, ReadOnlySpan<AllowedWrite> writes)
    {
        var data = to[(writes.Length * EntryBytes)..];
        foreach (var (write, token) in writes)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to, write.Handle.Value);
            BinaryPrimitives.WriteInt32LittleEndian(to[8..], write.Version.Value);
            BinaryPrimitives.WriteInt32LittleEndian(to[12..], checked((int)write.ChunkSizeBytes));
            BinaryPrimitives.WriteInt32LittleEndian(to[16..], write.Data.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(to[20..], write.Crc);
            token.Format(to[24..]);
            to = to[EntryBytes..];
            write.Data.Span.CopyTo(data);
            data = data[write.Data.Length..];
        }
    }

    /// <summary>Reads a message; the chunks' bytes stay where they are, their CRCs are not looked at.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: it is none, or not of so many.</exception>
    public static AllowedWrite[] Parse(ReadOnlyMemory<byte> from, int count, bool durable)
    {
        if (count is < 1 or > MostChunks || from.Length < count * EntryBytes)
            throw new GofsException(GofsError.Corrupt, $"{from.Length} bytes are not 1 to {MostChunks} chunks, {count} it says");
        var writes = new AllowedWrite[count];
        var data = from[(count * EntryBytes)..];
        for (var i = 0; i < count; i++)
        {
            var entry = from.Span[(i * EntryBytes)..];
            var (size, length) = (BinaryPrimitives.ReadInt32LittleEndian(entry[12..]), BinaryPrimitives.ReadInt32LittleEndian(entry[16..]));
            if (length < 1 || length > data.Length || size < length)
                throw new GofsException(GofsError.Corrupt, $"chunk {i} of {count} with {length} bytes of {size} makes no sense");
            var write = new ChunkWrite(
                new(BinaryPrimitives.ReadUInt64LittleEndian(entry)), new(BinaryPrimitives.ReadInt32LittleEndian(entry[8..])), 0, data[..length],
                BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), size, durable);
            writes[i] = new(write, ChunkToken.Parse(entry[24..]));
            data = data[length..];
        }

        if (data.Length > 0) throw new GofsException(GofsError.Corrupt, $"{data.Length} bytes are of none of the {count} chunks");
        return writes;
    }
}
