namespace Gofs.Grains.EditLogs;

/// <summary>Where a stream stands, as its owner sees it.</summary>
/// <param name="Id">The stream.</param>
/// <param name="Epoch">The epoch this activation holds; 0 while the claim of a new stream is not durable.</param>
/// <param name="EditLogNumber">Number of the last record raised.</param>
/// <param name="DurableNumber">Number of the last durable record.</param>
/// <param name="SnapshotNumber">EditLog number of the Snapshot; 0 for none.</param>
/// <param name="SnapshotAt">When it was made, or null for never.</param>
/// <param name="LoadTime">How long activation took: epoch, Snapshot and tail.</param>
public readonly record struct StreamStatus(
    StreamId Id,
    long Epoch,
    long EditLogNumber,
    long DurableNumber,
    long SnapshotNumber,
    DateTimeOffset? SnapshotAt,
    TimeSpan LoadTime);
