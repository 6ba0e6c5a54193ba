namespace Gofs.Grains.EditLogs;

/// <summary>Settings of the EditLog store and its writer.</summary>
public sealed class EditLogOptions
{
    /// <summary>
    /// The SQLite database file, in a folder that exists; files with its name and an ending lie beside it. One silo's own. Either this or
    /// <see cref="PostgresConnection"/> is set.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// The connection string of the PostgreSQL database (13 or later) that all silos of the cluster share. Its user may create a schema.
    /// </summary>
    public string PostgresConnection { get; set; } = "";

    /// <summary>How long connecting to PostgreSQL may take, in whole seconds. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Records kept for reading before a Snapshot. Default 1,000; 0 keeps none.</summary>
    public int RetainedRecords { get; set; } = 1000;

    /// <summary>How long anyone waits for durability before the answer is <see cref="GofsError.Unavailable"/>. Default 10 s.</summary>
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Payload bytes that may wait for the writer before <see cref="GofsError.Busy"/> is the answer. Default 64 MiB.</summary>
    public long MaxPendingBytes { get; set; } = 64L << 20;

    /// <summary>Payload bytes after which a transaction takes no further stream. Default 8 MiB.</summary>
    public long MaxCommitBytes { get; set; } = 8L << 20;

    /// <summary>Streams loaded at once. Default 16.</summary>
    public int ConcurrentLoads { get; set; } = 16;

    /// <summary>Bytes of a Snapshot's part.</summary>
    internal int SnapshotPartBytes { get; set; } = SnapshotWriter.PartBytes;

    /// <summary>All faults of the settings, one line each.</summary>
    internal IEnumerable<string> Faults()
    {
        if (Path.Length == 0 == (PostgresConnection.Length == 0)) yield return "EditLog needs one of Path and PostgresConnection";
        if (ConnectTimeout < TimeSpan.FromSeconds(1)) yield return "EditLog ConnectTimeout is below 1 s";
        if (RetainedRecords < 0) yield return "EditLog RetainedRecords is below 0";
        if (CommitTimeout < TimeSpan.FromMilliseconds(100)) yield return "EditLog CommitTimeout is below 100 ms";
        if (MaxCommitBytes < 1) yield return "EditLog MaxCommitBytes is below 1";
        if (MaxPendingBytes < MaxCommitBytes) yield return "EditLog MaxPendingBytes is below MaxCommitBytes";
        if (ConcurrentLoads is < 1 or > 1024) yield return "EditLog ConcurrentLoads is not from 1 to 1024";
    }
}
