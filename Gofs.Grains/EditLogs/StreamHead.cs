namespace Gofs.Grains.EditLogs;

/// <summary>A stream's row in the store.</summary>
/// <param name="Epoch">Who may append: the activation that holds this epoch.</param>
/// <param name="Number">EditLog number of the last record; 0 for none.</param>
/// <param name="Snapshot">EditLog number of the Snapshot; 0 for none.</param>
/// <param name="SnapshotParts">How many parts the Snapshot has.</param>
/// <param name="SnapshotAt">When it was made, in milliseconds since 1970 UTC; 0 for never.</param>
/// <param name="TrimmedTo">Records up to this number are gone.</param>
/// <param name="Deleted">Whether its rows are being removed.</param>
/// <param name="FormerEpoch">The epoch before this one; 0 when the stream was made with this one.</param>
internal readonly record struct StreamHead(
    long Epoch, long Number, long Snapshot, int SnapshotParts, long SnapshotAt, long TrimmedTo, bool Deleted, long FormerEpoch = 0);
