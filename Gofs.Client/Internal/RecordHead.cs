using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>The head of whatever stands in a file that records are appended to: of a whole record, or of a part of one.</summary>
/// <param name="Bytes">Bytes of the head.</param>
/// <param name="Length">Bytes that follow.</param>
/// <param name="Crc">Their CRC32C.</param>
/// <param name="Whole">The record, when it is a whole one.</param>
/// <param name="Part">The part, when it is one.</param>
internal readonly record struct RecordHead(int Bytes, int Length, uint Crc, RecordFrame? Whole, RecordPart? Part)
{
    /// <summary>The longest head.</summary>
    public const int MostBytes = RecordPart.HeadBytes;

    /// <summary>What every mark begins with.</summary>
    private static ReadOnlySpan<byte> Prefix => "GR"u8;

    /// <summary>Bytes of a mark.</summary>
    public const int MarkBytes = 4;

    /// <summary>Reads a head; false: there is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> from, out RecordHead head)
    {
        if (RecordFrame.TryParse(from, out var whole))
        {
            head = new(RecordFrame.HeadBytes, whole.Length, whole.Crc, whole, null);
            return true;
        }

        var isPart = RecordPart.TryParse(from, out var part);
        head = isPart ? new(RecordPart.HeadBytes, part.Length, part.Crc, null, part) : default;
        return isPart;
    }

    /// <summary>Where a head may begin; -1: nowhere, but for the last <see cref="MarkBytes"/> - 1 bytes, which may be the beginning of one.</summary>
    public static int Find(ReadOnlySpan<byte> bytes)
    {
        for (var from = 0; ;)
        {
            var next = bytes[from..].IndexOf(Prefix);
            if (next < 0) return -1;
            from += next;
            var rest = bytes[from..];
            if (rest.StartsWith(RecordFrame.Start) || rest.StartsWith(RecordPart.Start)) return from;
            from++;
        }
    }

    /// <summary>Whether these are the bytes that follow.</summary>
    public bool Matches(ReadOnlySpan<byte> bytes) => bytes.Length == Length && Crc32C.Compute(bytes) == Crc;
}
