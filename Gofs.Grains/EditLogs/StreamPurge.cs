namespace Gofs.Grains.EditLogs;

/// <summary>The statements by which a store removes streams marked deleted.</summary>
internal interface IStreamPurge
{
    /// <summary>A stream marked deleted, or null.</summary>
    long? FindDeleted();

    /// <summary>Removes at most <paramref name="limit"/> of its records; answers how many.</summary>
    int PurgeRecords(long stream, int limit);

    /// <summary>Removes at most <paramref name="limit"/> of its parts; answers how many.</summary>
    int PurgeParts(long stream, int limit);

    /// <summary>Removes its row: nothing else of it is left.</summary>
    void DropStream(long stream);
}

/// <summary>Removes streams marked deleted, a bounded step at a time, so that commits between two steps wait for little.</summary>
internal static class StreamPurge
{
    /// <summary>A stream with at most this many records and no Snapshot goes with the commit that deletes it.</summary>
    public const int SmallRecords = 1000;

    private const int PartsAtOnce = 4;
    private const int RowsOfAPart = 256; // a part is that many pages

    /// <summary>See <see cref="IEditLogCommitter.PurgeDeleted"/>.</summary>
    public static int Step(IStreamPurge store, int limit)
    {
        var removed = 0;
        while (removed < limit && store.FindDeleted() is { } stream)
        {
            removed += store.PurgeRecords(stream, limit - removed);
            if (removed >= limit) break;
            var parts = store.PurgeParts(stream, PartsAtOnce);
            removed += parts * RowsOfAPart;
            if (parts > 0) continue;
            store.DropStream(stream);
            removed++;
        }

        return removed;
    }
}
