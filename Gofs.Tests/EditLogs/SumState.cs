using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;

namespace Gofs.Tests.EditLogs;

/// <summary>
/// A small state whose value depends on every event and on their order: a chain of sums. Its Snapshot has ballast, so that it takes several parts.
/// </summary>
internal sealed class SumState : IEditLogState<ChunkTableEvent>
{
    private const int Ballast = (2 << 20) + 17;

    public long Count { get; private set; }

    public long Chain { get; private set; }

    public void Apply(ChunkTableEvent happened)
    {
        if (happened is not HandlesReserved { Upto: >= 0 and var value }) throw new InvalidOperationException("not of this state");
        Chain = (Chain * 31) + value + 1;
        Count++;
    }

    public void WriteSnapshot(SnapshotWriter writer)
    {
        writer.WriteInt64(Count);
        for (var written = 0; written < Ballast; written++) writer.WriteByte((byte)(Chain + written));
        writer.WriteInt64(Chain);
    }

    public void ReadSnapshot(SnapshotReader reader)
    {
        Count = reader.ReadInt64();
        var ballast = new byte[Ballast];
        reader.ReadRaw(ballast);
        Chain = reader.ReadInt64();
        for (var read = 0; read < Ballast; read++)
        {
            if (ballast[read] != (byte)(Chain + read)) throw new GofsException(GofsError.EditLogCorrupt, "the ballast is not what was written");
        }
    }

    public override string ToString() => $"{Count} events, {Chain:x}";
}
