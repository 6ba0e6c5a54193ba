using Gofs.Grains.EditLogs;

namespace Gofs.Tests.Simulation;

/// <summary>What a database has, read as it lies there.</summary>
internal sealed class SimStoredStreams(SimDatabase database) : IEditLogStore
{
    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public IEditLogCommitter OpenCommitter() => throw new NotSupportedException();

    /// <inheritdoc/>
    public StreamHead? Find(StreamId stream) => database.Find(stream)?.Head;

    /// <inheritdoc/>
    public int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit)
    {
        var count = 0;
        foreach (var record in database.Find(stream)?.Records ?? [])
        {
            if (record.Number <= after || count == limit) continue;
            visit(record.Number, record.Crc, record.Payload);
            count++;
        }

        return count;
    }

    /// <inheritdoc/>
    public (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part) =>
        database.Find(stream) is { } found && found.Parts.TryGetValue((number, part), out var its) ? its : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
