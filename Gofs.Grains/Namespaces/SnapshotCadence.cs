namespace Gofs.Grains.Namespaces;

/// <summary>
/// How many records a namespace's EditLog grows by until its next Snapshot. A Snapshot costs what reading and writing the whole tree costs, so it is
/// made after a number of records in proportion to the names: at most two names are written for each record, however large the tree. What waits
/// to be replayed at a start is then never more work than a few times the reading of the Snapshot itself. Small trees wait for a number that a
/// start replays in a few seconds, so that a burst of changes is not spent on Snapshots of it.
/// </summary>
internal static class SnapshotCadence
{
    /// <summary>The fewest records between two.</summary>
    public const int FewestRecords = 500_000;

    private const int NamesPerRecord = 2;

    /// <summary>Records after which the next is due.</summary>
    public static int RecordsBetween(long names) => (int)Math.Clamp(names / NamesPerRecord, FewestRecords, int.MaxValue / 2);

    /// <summary>
    /// Records after which the master makes it; 0: never. A standby does; a master whose standby has just died, or that was one itself a moment ago,
    /// leaves it to the next one for as long again: it has clients who waited.
    /// </summary>
    public static int RecordsAtMaster(long names, bool wantsStandby, bool hasStandby) =>
        hasStandby ? 0 : RecordsBetween(names) * (wantsStandby ? 2 : 1);
}
