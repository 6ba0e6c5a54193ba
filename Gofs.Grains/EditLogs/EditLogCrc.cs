using System.Buffers.Binary;
using Gofs.Transport;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// The CRCs of the store. Each covers where its bytes belong (little-endian) before the bytes, so that a record or part in
/// the wrong place is found as well as a damaged one. The epoch is not in it: a new stream's records are made before its epoch is known.
/// </summary>
internal static class EditLogCrc
{
    /// <summary>Of a record: stream, number, payload.</summary>
    public static uint OfRecord(StreamId stream, long number, ReadOnlySpan<byte> payload)
    {
        Span<byte> place = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(place, stream.Value);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], number);
        return Crc32C.Append(Crc32C.Compute(place), payload);
    }

    /// <summary>Of a Snapshot's part: stream, EditLog number, part, payload.</summary>
    public static uint OfPart(StreamId stream, long number, int part, ReadOnlySpan<byte> payload)
    {
        Span<byte> place = stackalloc byte[20];
        BinaryPrimitives.WriteInt64LittleEndian(place, stream.Value);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], number);
        BinaryPrimitives.WriteInt32LittleEndian(place[16..], part);
        return Crc32C.Append(Crc32C.Compute(place), payload);
    }
}
