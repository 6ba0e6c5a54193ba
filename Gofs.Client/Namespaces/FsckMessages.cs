using Gofs.Chunks;
using Gofs.ChunkServers;
using Orleans;

namespace Gofs.Namespaces;

/// <summary>What of a namespace was not as it should be.</summary>
public enum FsckCheck
{
    /// <summary>Names and inodes: each inode is reached once, and the counts are those of a recount.</summary>
    Tree = 0,

    /// <summary>A file's chunk is known to its chunk table, and each chunk of a table is some file's.</summary>
    References = 1,

    /// <summary>A chunk has as many good replicas as it should.</summary>
    Goals = 2,

    /// <summary>A replica has the version that counts.</summary>
    Versions = 3,

    /// <summary>A replica's server answers, its file is there, and its end can be read.</summary>
    Replicas = 4,

    /// <summary>The namespace, the file and the replicas agree on how many bytes there are.</summary>
    Sizes = 5,

    /// <summary>A replica on a server is of a chunk that a table knows.</summary>
    Orphans = 6,
}

/// <summary>How bad a finding is.</summary>
public enum FsckSeverity
{
    /// <summary>Nothing is lost, and it is put right without anybody's doing.</summary>
    Notice = 0,

    /// <summary>Nothing is lost, but somebody should look at it.</summary>
    Fault = 1,

    /// <summary>Bytes of a file can't be read.</summary>
    Lost = 2,
}

/// <summary>What a repair does about a finding.</summary>
public enum FsckRepair
{
    /// <summary>Nothing: there is nothing that a repair could safely do, or Gofs does it anyway.</summary>
    None = 0,

    /// <summary>It puts it right, and takes nothing away.</summary>
    Possible = 1,

    /// <summary>It deletes what nothing refers to; it must be allowed to delete.</summary>
    Deletes = 2,

    /// <summary>It has put it right.</summary>
    Done = 3,
}

/// <summary>One thing that is not as it should be. It was so each of the times it was looked at, some seconds apart.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Why">Why, as far as is known; may be empty.</param>
/// <param name="Doing">What is being done about it, or what can be done.</param>
[GenerateSerializer, Immutable, Alias("gofs.fsck.finding")]
public sealed record FsckFinding(
    [property: Id(0)] FsckCheck Check,
    [property: Id(1)] FsckSeverity Severity,
    [property: Id(2)] string What,
    [property: Id(3)] string Why,
    [property: Id(4)] string Doing)
{
    /// <summary>The file or directory it is about, where it was when the check began; in the trash, from the removed top on. Null: none.</summary>
    [Id(5)] public GofsPath? Path { get; init; }

    /// <summary>Its inode; 0: none.</summary>
    [Id(6)] public InodeNumber Inode { get; init; }

    /// <summary>The chunk it is about, or none.</summary>
    [Id(7)] public ChunkHandle Chunk { get; init; }

    /// <summary>That chunk's place in the file; -1 when it is not about a chunk of a file.</summary>
    [Id(8)] public int ChunkIndex { get; init; } = -1;

    /// <summary>The chunk server it is about, or null.</summary>
    [Id(9)] public ServerId? Server { get; init; }

    /// <summary>Since when, if that is known.</summary>
    [Id(10)] public DateTimeOffset? Since { get; init; }

    /// <summary>What a repair does about it, or has done.</summary>
    [Id(11)] public FsckRepair Repair { get; init; }
}

/// <summary>What is to be checked, and how.</summary>
/// <param name="Path">The file or tree; the root is the whole namespace, with its trash, its chunk tables and what chunk servers hold of it.</param>
/// <param name="Repair">Put right what can be put right without taking anything away.</param>
/// <param name="Delete">Delete what nothing refers to.</param>
/// <param name="ChunksPerSecond">How many chunks are looked at in a second at most, 1 to 1,000,000.</param>
[GenerateSerializer, Immutable, Alias("gofs.fsck.request")]
public sealed record FsckRequest(
    [property: Id(0)] GofsPath Path, [property: Id(1)] bool Repair, [property: Id(2)] bool Delete, [property: Id(3)] int ChunksPerSecond);

/// <summary>How much has been checked.</summary>
/// <param name="EditLogNumber">The record as of which the names are checked; 0 before they are loaded.</param>
/// <param name="Inodes">Files, directories and symlinks.</param>
/// <param name="Chunks">Chunks of files.</param>
/// <param name="Replicas">Replicas of these.</param>
/// <param name="Findings">Findings.</param>
[GenerateSerializer, Immutable, Alias("gofs.fsck.counts")]
public readonly record struct FsckCounts(
    [property: Id(0)] long EditLogNumber, [property: Id(1)] long Inodes, [property: Id(2)] long Chunks, [property: Id(3)] long Replicas,
    [property: Id(4)] long Findings);

/// <summary>A part of what a check finds.</summary>
/// <param name="Findings">The findings since the last part; often none.</param>
/// <param name="IsLast">Whether the check is over.</param>
/// <param name="Counts">What has been checked so far.</param>
[GenerateSerializer, Immutable, Alias("gofs.fsck.page")]
public sealed record FsckPage([property: Id(0)] FsckFinding[] Findings, [property: Id(1)] bool IsLast, [property: Id(2)] FsckCounts Counts);
