using System.Buffers.Binary;

namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// Takes the rows of a stream, in their order, apart into records and shows those that are asked for. Every length is checked before it is used; the
/// records' CRCs are the visitor's to check.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="after">Records up to this number are not shown.</param>
/// <param name="limit">The most to show.</param>
/// <param name="visit">Is shown each.</param>
internal sealed class RecordRows(StreamId stream, long after, int limit, RecordVisitor visit)
{
    /// <summary>How many were shown.</summary>
    public int Visited { get; private set; }

    /// <summary>Whether that is all that was asked for.</summary>
    public bool IsFull => Visited >= limit;

    /// <summary>The next row.</summary>
    /// <param name="row">What it says of itself.</param>
    /// <param name="trimmedTo">Records up to this number are gone, also where they still share a row.</param>
    /// <param name="payload">Its bytes.</param>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>: it is not a row of that many records.</exception>
    public void Visit(RecordRow row, long trimmedTo, ReadOnlySpan<byte> payload)
    {
        if (row.Count == 1)
        {
            Show(row.Number, trimmedTo, row.Crc, payload);
            return;
        }

        for (var number = row.Number - row.Count + 1; number <= row.Number; number++)
        {
            if (payload.Length < RecordBatch.PrefixBytes) throw Corrupt(row);
            var length = BinaryPrimitives.ReadInt32LittleEndian(payload);
            var crc = BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]);
            payload = payload[RecordBatch.PrefixBytes..];
            if ((uint)length > (uint)payload.Length) throw Corrupt(row);
            Show(number, trimmedTo, crc, payload[..length]);
            payload = payload[length..];
        }

        if (!payload.IsEmpty) throw Corrupt(row);
    }

    private void Show(long number, long trimmedTo, uint crc, ReadOnlySpan<byte> payload)
    {
        if (IsFull || number <= after || number <= trimmedTo) return;
        Visited++;
        visit(number, crc, payload);
    }

    private GofsException Corrupt(RecordRow row) =>
        new(GofsError.EditLogCorrupt, $"the row of {row.Count} records up to {row.Number} is damaged", stream.ToString());
}
