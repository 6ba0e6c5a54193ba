using System.Buffers.Binary;
using System.Text;

namespace Gofs.Transport;

/// <summary>
/// What became of each of several chunks (<see cref="FrameOp.WriteEach"/>), as the answer's data: an entry of 8 bytes for each, then a line for a person for
/// each that was refused. No data at all: every replica has all of them, which is what nearly every answer says.
/// </summary>
internal static class ChunkOutcomes
{
    /// <summary>Bytes of an entry.</summary>
    public const int EntryBytes = 8;

    private const int MostLetters = 100;
    private const int MostLetterBytes = 3; // of UTF-8 for each char of UTF-16

    /// <summary>The most bytes so many outcomes have.</summary>
    public static int MostBytes(int count) => count * (EntryBytes + (MostLetters * MostLetterBytes));

    /// <summary>Writes outcomes, null where it went well; answers how many bytes.</summary>
    public static int Format(Span<byte> to, GofsException?[] outcomes)
    {
        if (Array.TrueForAll(outcomes, one => one is null)) return 0;
        var used = outcomes.Length * EntryBytes;
        to[..used].Clear();
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i] is not { } refused) continue;
            var entry = to[(i * EntryBytes)..];
            var bytes = Encoding.UTF8.GetBytes(refused.Detail.AsSpan(0, Math.Min(refused.Detail.Length, MostLetters)), to[used..]);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)(1 + (int)refused.Error));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)(refused.Data[DataConnection.FailedHopKey] as int? ?? 0));
            BinaryPrimitives.WriteUInt16LittleEndian(entry[4..], (ushort)bytes);
            used += bytes;
        }

        return used;
    }

    /// <summary>Reads the outcomes of the writes that were sent.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Corrupt"/>: they are none, or not of so many.</exception>
    public static GofsException?[] Parse(ReadOnlySpan<byte> from, ReadOnlySpan<AllowedWrite> writes)
    {
        var outcomes = new GofsException?[writes.Length];
        if (from.Length == 0) return outcomes;
        if (from.Length < writes.Length * EntryBytes) throw Wrong(from.Length, writes.Length);
        var words = from[(writes.Length * EntryBytes)..];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var entry = from[(i * EntryBytes)..];
            var status = BinaryPrimitives.ReadUInt16LittleEndian(entry);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
            if (length > words.Length || (status == 0 && length > 0)) throw Wrong(from.Length, writes.Length);
            if (status == 0) continue;
            outcomes[i] = new((GofsError)(status - 1), Encoding.UTF8.GetString(words[..length]), writes[i].Write.Handle.ToString())
            {
                Data = { [DataConnection.FailedHopKey] = (int)BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) },
            };
            words = words[length..];
        }

        return words.Length == 0 ? outcomes : throw Wrong(from.Length, writes.Length);
    }

    private static GofsException Wrong(int bytes, int count) => new(GofsError.Corrupt, $"{bytes} bytes are not the outcomes of {count} chunks");
}
