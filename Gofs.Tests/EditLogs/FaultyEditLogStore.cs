using Gofs.Grains.EditLogs;

namespace Gofs.Tests.EditLogs;

/// <summary>A store whose committer fails at a chosen step of making a Snapshot, before or after the step took effect.</summary>
internal sealed class FaultyEditLogStore(IEditLogStore inner) : IEditLogStore, IEditLogCommitter
{
    private IEditLogCommitter? committer;

    /// <summary>Steps until the fault; negative for none.</summary>
    public int FailAt { get; set; } = -1;

    /// <summary>Whether the step that fails took effect.</summary>
    public bool After { get; set; }

    public bool IsShared => inner.IsShared;

    public IEditLogCommitter OpenCommitter()
    {
        committer = inner.OpenCommitter();
        return this;
    }

    public void Commit(IReadOnlyList<StreamCommit> commits) => committer!.Commit(commits);

    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload)
    {
        var now = FailAt-- == 0;
        if (now && !After) throw Fault();
        var written = committer!.WritePart(stream, epoch, number, part, crc, payload);
        return now ? throw Fault() : written;
    }

    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds) =>
        Step(() => committer!.MoveSnapshot(stream, epoch, previous, number, parts, crcSum, atMilliseconds));

    public int DeleteLooseParts(StreamId stream, long epoch, int limit) => Step(() => committer!.DeleteLooseParts(stream, epoch, limit));

    public int TrimRecords(StreamId stream, long upTo, int limit) => Step(() => committer!.TrimRecords(stream, upTo, limit));

    public int MarkDeleted(StreamId first, StreamId last, int limit) => committer!.MarkDeleted(first, last, limit);

    public int PurgeDeleted(int limit) => committer!.PurgeDeleted(limit);

    public bool Idle() => committer!.Idle();

    public StreamHead? Find(StreamId stream) => inner.Find(stream);

    public int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit) => inner.ReadRecords(stream, after, limit, visit);

    public (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part) => inner.ReadPart(stream, number, part);

    // The writer ends the committer, the services the store.
    public void Dispose()
    {
        if (committer is { } ending) (committer, _) = (null, Dispose(ending));
        else inner.Dispose();
    }

    private static bool Dispose(IEditLogCommitter ending)
    {
        ending.Dispose();
        return true;
    }

    private T Step<T>(Func<T> what)
    {
        var now = FailAt-- == 0;
        if (now && !After) throw Fault();
        var done = what();
        return now ? throw Fault() : done;
    }

    private static GofsException Fault() => new(GofsError.Unavailable, "the store failed, as the test asked");
}
