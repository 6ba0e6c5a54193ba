using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// Makes a Snapshot without the master: a fresh state is read from the previous Snapshot and the records since, and written in parts, each in
/// a short transaction of its own between two commits. The stream points to it only when all parts are there; before that a crash
/// leaves loose parts, which the next Snapshot sweeps. Then the log before it is trimmed but for a retained tail.
/// Every step but trimming (which never goes past the Snapshot) checks the epoch: a former owner that still runs can neither add to
/// nor sweep away the parts its successor is writing. Where several make one under the same epoch (master, standbys) they may spoil each other's
/// parts; the pointer moves only to parts that are all its mover's.
/// </summary>
internal static class SnapshotMaker
{
    private const int RowsAtOnce = 1000;
    private const int PartsAtOnce = 4;

    /// <summary>Makes a Snapshot at record <paramref name="number"/>, which is durable. Blocks: for a thread of its own.</summary>
    /// <returns>False when the stream has another owner now.</returns>
    public static bool Make<TState, TEvent>(
        EditLogServices services, StreamId stream, long epoch, long number, Serializer<TEvent> serializer, Func<bool> isOver)
        where TState : class, IEditLogState<TEvent>, new()
        where TEvent : class
    {
        if (services.Store.Find(stream) is not { Deleted: false } head || head.Epoch != epoch) return false;
        if (head.Snapshot < number && !Write<TState, TEvent>(services, stream, head, number, serializer, isOver)) return false;

        // Also of one that was cut short here.
        SweepParts(services, stream, epoch, isOver);
        while (Do(services, store => store.TrimRecords(stream, number - services.Options.RetainedRecords, RowsAtOnce)) > 0)
            StopIf(isOver);
        return true;
    }

    private static bool Write<TState, TEvent>(
        EditLogServices services, StreamId stream, StreamHead head, long number, Serializer<TEvent> serializer, Func<bool> isOver)
        where TState : class, IEditLogState<TEvent>, new()
        where TEvent : class
    {
        SweepParts(services, stream, head.Epoch, isOver);
        var state = EditLogLoader.Load<TState, TEvent>(services.Store, stream, head, number, serializer, () => StopIf(isOver));
        var (parts, crcSum) = (0, 0L);
        var writer = new SnapshotWriter(services.Options.SnapshotPartBytes, payload =>
        {
            StopIf(isOver);
            var part = parts++;
            var crc = EditLogCrc.OfPart(stream, number, part, payload.Span);
            crcSum += crc;
            if (!Do(services, store => store.WritePart(stream, head.Epoch, number, part, crc, payload.Span)))
                throw new GofsException(GofsError.Unavailable, "the stream has another owner now", stream.ToString());
        });
        state.WriteSnapshot(writer);
        writer.Complete();
        var at = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        return Do(services, store => store.MoveSnapshot(stream, head.Epoch, head.Snapshot, number, parts, crcSum, at));
    }

    private static void SweepParts(EditLogServices services, StreamId stream, long epoch, Func<bool> isOver)
    {
        while (Do(services, store => store.DeleteLooseParts(stream, epoch, PartsAtOnce)) > 0) StopIf(isOver);
    }

    private static void StopIf(Func<bool> isOver)
    {
        if (isOver()) throw new GofsException(GofsError.Unavailable, "the grain has deactivated");
    }

    private static T Do<T>(EditLogServices services, Func<IEditLogCommitter, T> what) =>
        services.Threads.Wait(services.Writer.DoAsync(what));
}
