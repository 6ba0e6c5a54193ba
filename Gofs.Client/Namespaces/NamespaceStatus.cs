using Gofs.Cluster;
using Orleans;

namespace Gofs.Namespaces;

/// <summary>What <c>gofsctl meta status</c> shows of one namespace's master.</summary>
/// <param name="Name">The namespace.</param>
/// <param name="Number">Its number.</param>
/// <param name="Config">Its settings.</param>
/// <param name="Names">Names in the tree and the trash.</param>
/// <param name="LengthBytes">Sum of the files' lengths, trash included.</param>
/// <param name="TrashItems">Removed files and trees that can be restored.</param>
/// <param name="OpenFiles">Files a writer has open.</param>
/// <param name="Silo">The silo the master is on.</param>
/// <param name="Epoch">The stream's epoch that the master holds.</param>
/// <param name="EditLogNumber">Number of the last record.</param>
/// <param name="SnapshotNumber">EditLog number of the last Snapshot; 0 for none.</param>
/// <param name="SnapshotAt">When it was written.</param>
/// <param name="LoadTime">How long the last start took: Snapshot and tail.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.status")]
public sealed record NamespaceStatus(
    [property: Id(0)] string Name,
    [property: Id(1)] int Number,
    [property: Id(2)] NamespaceConfig Config,
    [property: Id(3)] long Names,
    [property: Id(4)] long LengthBytes,
    [property: Id(5)] long TrashItems,
    [property: Id(6)] long OpenFiles,
    [property: Id(7)] string Silo,
    [property: Id(8)] long Epoch,
    [property: Id(9)] long EditLogNumber,
    [property: Id(10)] long SnapshotNumber,
    [property: Id(11)] DateTimeOffset? SnapshotAt,
    [property: Id(12)] TimeSpan LoadTime)
{
    /// <summary>Sum of what the files' replicas take when all have their goals: length times goal, trash included.</summary>
    [Id(14)] public long StoredBytes { get; init; }

    /// <summary>What the master was asked for since it started: lookups, listings and changes of names and attributes.</summary>
    [Id(15)] public long Operations { get; init; }

    /// <summary>The master's standbys.</summary>
    [Id(13)] public StandbyStatus[] Standbys { get; init; } = [];
}

/// <summary>A standby as its master sees it.</summary>
/// <param name="Silo">Where it is.</param>
/// <param name="EditLogNumber">The last record it has; -1 while it has no state.</param>
/// <param name="Lag">For how long the oldest record it does not have has been durable.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.standby")]
public sealed record StandbyStatus([property: Id(0)] string Silo, [property: Id(1)] long EditLogNumber, [property: Id(2)] TimeSpan Lag);

/// <summary>One record of an EditLog as a person reads it.</summary>
/// <param name="Number">EditLog number.</param>
/// <param name="Kind">What happened, one word.</param>
/// <param name="Text">All of it on one line.</param>
/// <param name="At">When, or null where the record carries no time.</param>
[GenerateSerializer, Immutable, Alias("gofs.editlog.line")]
public sealed record EditLogLine(
    [property: Id(0)] long Number,
    [property: Id(1)] string Kind,
    [property: Id(2)] string Text,
    [property: Id(3)] DateTimeOffset? At)
{
    /// <summary>Who asked for it, where it was an act of administration, as he said of himself.</summary>
    [Id(4)] public Caller? By { get; init; }
}
