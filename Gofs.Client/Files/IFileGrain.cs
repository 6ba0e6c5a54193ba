using System.Globalization;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Files;

/// <summary>The key of a file grain: "namespace number/inode".</summary>
public static class FileKey
{
    /// <summary>Makes the key.</summary>
    public static string Of(int namespaceNumber, InodeNumber inode) =>
        string.Create(CultureInfo.InvariantCulture, $"{namespaceNumber}/{inode.Value}");

    /// <summary>Takes the key apart.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: it is not a key.</exception>
    public static (int NamespaceNumber, InodeNumber Inode) Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0
            && int.TryParse(key.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
            return (number, new InodeNumber(inode));
        throw new GofsException(GofsError.InvalidArgument, $"'{key}' is not a key of a file grain");
    }
}

/// <summary>
/// One file's chunk list, length and writer lease (key: <see cref="FileKey"/>). A file nobody has written to has an empty
/// stream and is a valid empty file.
/// </summary>
[Alias("gofs.IFileGrain")]
public interface IFileGrain : IGrainWithStringKey
{
    /// <summary>Takes the writer lease. Refuses with <see cref="GofsError.LeaseHeld"/> while another lives; settles one that ended.</summary>
    [AlwaysInterleave, Alias("AcquireLease")]
    Task<WriterLease> AcquireLeaseAsync(AcquireLease command, CancellationToken cancellation = default);

    /// <summary>Renews the lease; <see cref="GofsError.LeaseExpired"/> when it is gone.</summary>
    [AlwaysInterleave, Alias("RenewLease")]
    Task RenewLeaseAsync(LeaseId leaseId, CancellationToken cancellation = default);

    /// <summary>
    /// Takes up a lease that this grain gave before it was started anew; refuses with <see cref="GofsError.LeaseExpired"/> when somebody else
    /// holds the file or has written to it since. Idempotent.
    /// </summary>
    [AlwaysInterleave, Alias("ResumeLease")]
    Task ResumeLeaseAsync(ResumeLease command, CancellationToken cancellation = default);

    /// <summary>
    /// A chunk to write to at <paramref name="index"/>: the file's own, under a new version, or a new one. Nothing refers to a
    /// new chunk until <see cref="CommitLengthAsync"/> names it; one never named is collected.
    /// </summary>
    [AlwaysInterleave, Alias("PlaceChunk")]
    Task<ChunkPlacement> PlaceChunkAsync(LeaseId leaseId, int index, CancellationToken cancellation = default);

    /// <summary>
    /// A replica failed under a write. Answers where the chunk is to be written from now on: on the replicas that are left, under a new version,
    /// or, when it is empty, a new chunk. Writes that were not acknowledged are to be sent there again. Idempotent.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkUnavailable"/>: fewer replicas are left than the namespace wants at least.</exception>
    [AlwaysInterleave, Alias("RecoverChunk")]
    Task<ChunkPlacement> RecoverChunkAsync(RecoverChunk command, CancellationToken cancellation = default);

    /// <summary>Makes a length and new chunks durable and visible to readers; may end the lease.</summary>
    [AlwaysInterleave, Alias("CommitLength")]
    Task CommitLengthAsync(CommitLength command, CancellationToken cancellation = default);

    /// <summary>Cuts or extends (with a hole) to <paramref name="lengthBytes"/>; chunks past it are released.</summary>
    [AlwaysInterleave, Alias("Truncate")]
    Task TruncateAsync(LeaseId leaseId, long lengthBytes, CancellationToken cancellation = default);

    /// <summary>
    /// Takes an append lease: records are appended to the chunk it names. Many may have one; a writer lease and append leases exclude each
    /// other (<see cref="GofsError.LeaseHeld"/>). <see cref="RenewLeaseAsync"/> renews it too.
    /// </summary>
    [AlwaysInterleave, Alias("JoinAppend")]
    Task<AppendLease> JoinAppendAsync(JoinAppend command, CancellationToken cancellation = default);

    /// <summary>
    /// Where records go now, with a fresh token: a chunk behind <paramref name="after"/>. When that is the one they go to now it ends there, and
    /// a new one begins.
    /// </summary>
    [AlwaysInterleave, Alias("NextAppendChunk")]
    Task<ChunkPlacement> NextAppendChunkAsync(LeaseId leaseId, int after, CancellationToken cancellation = default);

    /// <summary>
    /// An append failed. Answers where records go from now on: to the replicas that are left, under a new version and cut to what all of them have,
    /// which is all that was acknowledged. What was not acknowledged is to be appended again. Idempotent.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkUnavailable"/>: fewer replicas are left than the namespace wants at least.</exception>
    [AlwaysInterleave, Alias("RecoverAppend")]
    Task<ChunkPlacement> RecoverAppendAsync(RecoverAppend command, CancellationToken cancellation = default);

    /// <summary>Gives an append lease up; with the last one the file's length is settled. Idempotent.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.LeaseExpired"/>: it is not known here, and records are appended to the file: join again, and leave.
    /// </exception>
    [AlwaysInterleave, Alias("LeaveAppend")]
    Task LeaveAppendAsync(LeaseId leaseId, CancellationToken cancellation = default);

    /// <summary>Length and up to <paramref name="count"/> (1 to 1,024) chunks from <paramref name="firstIndex"/> on, for readers.</summary>
    [AlwaysInterleave, Alias("GetLayout")]
    Task<FileLayout> GetLayoutAsync(int firstIndex, int count, CancellationToken cancellation = default);

    /// <summary>Who has the file open for writing, and where they write.</summary>
    [AlwaysInterleave, Alias("GetLeases")]
    Task<FileLeases> GetLeasesAsync(CancellationToken cancellation = default);

    /// <summary>
    /// For the namespace, whose state says the file is open: ends a lease that has run out and finishes what its writer left half told.
    /// Answers what the file is then, or null while a lease lives.
    /// </summary>
    [AlwaysInterleave, Alias("Settle")]
    Task<SettledFile?> SettleAsync(CancellationToken cancellation = default);

    /// <summary>For the namespace: the inode was purged; releases the chunks. Idempotent.</summary>
    [AlwaysInterleave, Alias("Release")]
    Task ReleaseAsync(CancellationToken cancellation = default);
}
