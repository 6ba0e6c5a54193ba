using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// Makes a Snapshot without the master: a fresh state is read from the previous Snapshot and the records since, and written in parts, each in
/// a short transaction of its own between two commits. The stream points to it only when all parts are there; before that a crash
/// leaves loose parts, which the next Snapshot sweeps. Then the log before it is trimmed but for a retained tail.
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
        if (head.Snapshot >= number) return true;
        SweepParts(services, stream, isOver);
        var state = EditLogLoader.Load<TState, TEvent>(services.Store, stream, head, number, serializer, CancellationToken.None);
        var parts = 0;
        var writer = new SnapshotWriter(payload =>
        {
            StopIf(isOver);
            var part = parts++;
            var crc = EditLogCrc.OfPart(stream, number, part, payload.Span);
            Do(services, store =>
            {
                store.WritePart(stream, number, part, crc, payload.Span);
                return true;
            });
        });
        state.WriteSnapshot(writer);
        writer.Complete();
        var at = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!Do(services, store => store.MoveSnapshot(stream, epoch, head.Snapshot, number, parts, at))) return false;
        SweepParts(services, stream, isOver);
        while (Do(services, store => store.TrimRecords(stream, number - services.Options.RetainedRecords, RowsAtOnce)) > 0)
            StopIf(isOver);
        return true;
    }

    private static void SweepParts(EditLogServices services, StreamId stream, Func<bool> isOver)
    {
        while (Do(services, store => store.DeleteLooseParts(stream, PartsAtOnce)) > 0) StopIf(isOver);
    }

    private static void StopIf(Func<bool> isOver)
    {
        if (isOver()) throw new GofsException(GofsError.Unavailable, "the grain has deactivated");
    }

    private static T Do<T>(EditLogServices services, Func<IEditLogCommitter, T> what) =>
        services.Writer.DoAsync(what).WaitAsync(services.Options.CommitTimeout, services.Time).GetAwaiter().GetResult();
}
