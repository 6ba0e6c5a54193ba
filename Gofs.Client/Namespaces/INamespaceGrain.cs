using Gofs.Cluster;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Namespaces;

/// <summary>
/// The master of one namespace (the key is its name): the tree of names and their attributes. Every answer is
/// linearizable and durable. Every command carries an op-id: asked again with the same one, it answers as the first time.
/// All may throw <see cref="GofsException"/> with <see cref="GofsError.NamespaceNotFound"/> or
/// <see cref="GofsError.Unavailable"/> besides what they name.
/// </summary>
[Alias("gofs.INamespaceGrain")]
public interface INamespaceGrain : IGrainWithStringKey
{
    /// <summary>The most requests <see cref="AskAsync"/> takes.</summary>
    const int MaxRequests = 256;

    /// <summary>
    /// Several requests in one call, carried out in their order, each answered in its place and refused alone. One message costs what many would:
    /// whoever has several under way sends them together. 1 to <see cref="MaxRequests"/>.
    /// </summary>
    [AlwaysInterleave, Alias("Ask")]
    Task<NamespaceAnswer[]> AskAsync(INamespaceRequest[] requests, CancellationToken cancellation = default);

    /// <summary>What a path leads to, or null. <paramref name="followLast"/>: whether a symlink at the last name is followed.</summary>
    [AlwaysInterleave, Alias("Lookup")]
    Task<Entry?> LookupAsync(GofsPath path, bool followLast, CancellationToken cancellation = default);

    /// <summary>The names of a directory after <paramref name="afterName"/> (null: from the first), at most <paramref name="limit"/> (1 to 10,000).</summary>
    [AlwaysInterleave, Alias("List")]
    Task<ListPage> ListAsync(GofsPath directory, byte[]? afterName, int limit, CancellationToken cancellation = default);

    /// <summary>What lies below a path.</summary>
    [AlwaysInterleave, Alias("Count")]
    Task<TreeCount> CountAsync(GofsPath path, CancellationToken cancellation = default);

    /// <summary>One extended attribute, or null.</summary>
    [AlwaysInterleave, Alias("GetExtendedAttribute")]
    Task<byte[]?> GetExtendedAttributeAsync(GofsPath path, string name, CancellationToken cancellation = default);

    /// <summary>The names of the extended attributes.</summary>
    [AlwaysInterleave, Alias("ListExtendedAttributes")]
    Task<string[]> ListExtendedAttributesAsync(GofsPath path, CancellationToken cancellation = default);

    /// <summary>Creates a file and marks it open, or marks the one there open. The file grain gives the writer lease.</summary>
    [AlwaysInterleave, Alias("OpenForWriting")]
    Task<OpenedFile> OpenForWritingAsync(OpenForWriting command, CancellationToken cancellation = default);

    /// <summary>
    /// Makes a whole file whose bytes a chunk server has. Refuses with <see cref="GofsError.LeaseExpired"/> when the chunk was allocated too
    /// long ago, with <see cref="GofsError.InvalidArgument"/> when it is another namespace's, and with <see cref="GofsError.TooFewReplicas"/> when its
    /// directory wants more.
    /// </summary>
    [AlwaysInterleave, Alias("PutFile")]
    Task<Entry> PutFileAsync(PutFile command, CancellationToken cancellation = default);

    /// <summary>Makes a directory and answers what it is.</summary>
    [AlwaysInterleave, Alias("MakeDirectory")]
    Task<Entry> MakeDirectoryAsync(MakeDirectory command, CancellationToken cancellation = default);

    /// <summary>Makes a symlink and answers what it is.</summary>
    [AlwaysInterleave, Alias("MakeSymlink")]
    Task<Entry> MakeSymlinkAsync(MakeSymlink command, CancellationToken cancellation = default);

    /// <summary>Moves a name.</summary>
    [AlwaysInterleave, Alias("Rename")]
    Task RenameAsync(Rename command, CancellationToken cancellation = default);

    /// <summary>Removes a name or a tree.</summary>
    [AlwaysInterleave, Alias("Remove")]
    Task RemoveAsync(Remove command, CancellationToken cancellation = default);

    /// <summary>Changes attributes and answers what is there now.</summary>
    [AlwaysInterleave, Alias("SetAttributes")]
    Task<Entry> SetAttributesAsync(SetAttributes command, CancellationToken cancellation = default);

    /// <summary>Sets or removes an extended attribute.</summary>
    [AlwaysInterleave, Alias("SetExtendedAttribute")]
    Task SetExtendedAttributeAsync(SetExtendedAttribute command, CancellationToken cancellation = default);

    /// <summary>
    /// Clones a file or a tree, atomically: names and attributes as of one EditLog number, and bytes as they were flushed then. A file that somebody
    /// has open for writing is as it was flushed at a moment between the call and its answer.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NotPermitted"/>: into itself, or a tree with more names than are cloned at once. <see cref="GofsError.QuotaExceeded"/>.
    /// </exception>
    [AlwaysInterleave, Alias("Clone")]
    Task<Entry> CloneAsync(Clone command, CancellationToken cancellation = default);

    /// <summary>
    /// Sets the goal of a file, a directory or, step by step, a tree. Each step is atomic, the tree is not: what is moved into it meanwhile may keep its own.
    /// The chunks follow in the background; a step waits while many files' still have to.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>; <see cref="GofsError.InvalidArgument"/>: the goal is out of range.</exception>
    [AlwaysInterleave, Alias("SetGoal")]
    Task<GoalStep> SetGoalAsync(SetGoal command, CancellationToken cancellation = default);

    /// <summary>For file grains: a flush is durable; refuses with <see cref="GofsError.NotFound"/> when the inode was purged.</summary>
    [AlwaysInterleave, Alias("FileFlushed")]
    Task FileFlushedAsync(FileFlushed command, CancellationToken cancellation = default);

    /// <summary>
    /// For file grains, where there is a byte quota: sets bytes aside before a file grows to <paramref name="lengthBytes"/>,
    /// until its flush arrives. Refuses with <see cref="GofsError.QuotaExceeded"/>.
    /// </summary>
    [AlwaysInterleave, Alias("ReserveLength")]
    Task ReserveLengthAsync(InodeNumber inode, long lengthBytes, CancellationToken cancellation = default);

    /// <summary>Files that are open for writing, with inodes after <paramref name="after"/>, at most <paramref name="limit"/> (1 to 1,000).</summary>
    [AlwaysInterleave, Alias("ListOpenFiles")]
    Task<OpenFile[]> ListOpenFilesAsync(InodeNumber after, int limit, CancellationToken cancellation = default);

    /// <summary>Takes a file away from whoever writes it; nothing happens to one that is not open.</summary>
    [AlwaysInterleave, Alias("BreakLease")]
    Task BreakLeaseAsync(InodeNumber inode, CancellationToken cancellation = default);

    /// <summary>Trash items after <paramref name="afterId"/>, oldest first.</summary>
    [AlwaysInterleave, Alias("ListTrash")]
    Task<TrashItem[]> ListTrashAsync(long afterId, int limit, CancellationToken cancellation = default);

    /// <summary>Puts a trash item back.</summary>
    [AlwaysInterleave, Alias("Restore")]
    Task RestoreAsync(Restore command, CancellationToken cancellation = default);

    /// <summary>
    /// Removes trash for ever: the one item, or with null all of it, of many the oldest <see cref="TrashItem.MostPurged"/>. Answers how many items.
    /// </summary>
    [AlwaysInterleave, Alias("Purge")]
    Task<long> PurgeAsync(OpId opId, long? trashId, CancellationToken cancellation = default);

    /// <summary>The settings in force.</summary>
    [AlwaysInterleave, Alias("GetConfig")]
    Task<NamespaceConfig> GetConfigAsync(CancellationToken cancellation = default);

    /// <summary>Changes the settings.</summary>
    [AlwaysInterleave, Alias("SetConfig")]
    Task SetConfigAsync(OpId opId, NamespaceConfig config, CancellationToken cancellation = default);

    /// <summary>What administrators did to the namespace, the last <paramref name="most"/> of what is remembered, the latest last.</summary>
    [AlwaysInterleave, Alias("ListAudit")]
    Task<AuditEntry[]> ListAuditAsync(int most, CancellationToken cancellation = default);

    /// <summary>How the master is.</summary>
    [AlwaysInterleave, Alias("GetStatus")]
    Task<NamespaceStatus> GetStatusAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Moves the master to its warmest standby: it ends here as soon as what is under way is done, and starts there. False when it has no standby
    /// that is warm: it stays.
    /// </summary>
    [AlwaysInterleave, Alias("Failover")]
    Task<bool> FailoverAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Moves the master of epoch <paramref name="epoch"/> to its standby on <paramref name="silo"/> (null: the warmest): it ends here as soon as what
    /// is under way is done, and starts there. One of a later epoch stays and answers the same, so asked again it moves once. Refuses with
    /// <see cref="GofsError.NoStandby"/> when there is none that has a state, on a silo that takes masters and answers.
    /// </summary>
    [AlwaysInterleave, Alias("MoveMaster")]
    Task MoveMasterAsync(long epoch, string? silo, CancellationToken cancellation = default);

    /// <summary>Writes a Snapshot now, in the background of the master; answers its EditLog number when it is durable.</summary>
    [AlwaysInterleave, Alias("Snapshot"), ResponseTimeout("00:10:00")]
    Task<long> SnapshotAsync(CancellationToken cancellation = default);

    /// <summary>Records from EditLog number <paramref name="from"/> on (0: the last <paramref name="limit"/>), as text.</summary>
    [AlwaysInterleave, Alias("ReadEditLog")]
    Task<EditLogLine[]> ReadEditLogAsync(long from, int limit, CancellationToken cancellation = default);
}
