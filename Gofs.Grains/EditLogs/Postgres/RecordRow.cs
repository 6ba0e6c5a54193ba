namespace Gofs.Grains.EditLogs.Postgres;

/// <summary>
/// A row of <c>gofs.record</c>: one record, or several of one commit. What a small record costs the server is its row, far more than its bytes.
/// </summary>
/// <param name="Number">The last record's number.</param>
/// <param name="Count">How many it has.</param>
/// <param name="Crc">The CRC of a record that is alone; 0 where each has its own before it.</param>
internal readonly record struct RecordRow(long Number, int Count, uint Crc)
{
    /// <summary>A row of several records has at most this many bytes, so that it stays in a page of the table (8 KiB).</summary>
    public const int TargetBytes = 8000;

    /// <summary>The row that begins with a record of a batch: as many as fit, at least one.</summary>
    public static (int Count, uint Crc, ReadOnlyMemory<byte> Payload) Make(RecordBatch records, int first)
    {
        var (count, bytes) = (0, 0);
        for (; first + count < records.Count; count++)
        {
            bytes += RecordBatch.PrefixBytes + records.Read(first + count, out _).Length;
            if (bytes > TargetBytes) break;
        }

        if (count > 1) return (count, 0, records.ReadRun(first, count));
        var alone = records.Read(first, out var crc);
        return (1, crc, alone);
    }
}
