using Gofs.Chunks;
using Orleans;

namespace Gofs.Namespaces;

/// <summary>Who a new name belongs to, and what may be done with it.</summary>
/// <param name="Mode">Permission bits, 0 to 4095.</param>
/// <param name="Owner">Numeric user id.</param>
/// <param name="Group">Numeric group id.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.ownership")]
public readonly record struct Ownership(
    [property: Id(0)] int Mode, [property: Id(1)] uint Owner, [property: Id(2)] uint Group);

/// <summary>Creates a file and opens it for writing, or opens the one that is there.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">Where.</param>
/// <param name="Ownership">Of a new file.</param>
/// <param name="Create">Create it when it is not there; otherwise <see cref="GofsError.NotFound"/>.</param>
/// <param name="Exclusive">Refuse with <see cref="GofsError.AlreadyExists"/> when it is there.</param>
/// <param name="Atomic">
/// Always makes a new file, which has no name until its writer closes it: then it takes the path in one step, and the file that was
/// there goes to the trash. Readers see the old file or the new, whole; a writer that dies leaves nothing.
/// </param>
[GenerateSerializer, Immutable, Alias("gofs.ns.open-write")]
public sealed record OpenForWriting(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] Ownership Ownership,
    [property: Id(3)] bool Create,
    [property: Id(4)] bool Exclusive,
    [property: Id(5)] bool Atomic) : INamespaceRequest;

/// <summary>
/// Makes a whole file in one step from bytes that a chunk server already has, durable as the namespace wants it: it takes the path at
/// once, and a file that was there goes to the trash.
/// </summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">Where.</param>
/// <param name="Ownership">Of the file.</param>
/// <param name="Chunk">The chunk the bytes are in, allocated for this; <see cref="ChunkHandle.None"/> for an empty file.</param>
/// <param name="ChunkSizeBytes">How large that chunk may become: the file's chunk size.</param>
/// <param name="LengthBytes">How many bytes there are, at most the chunk size.</param>
/// <param name="AllocatedAt">
/// When the chunk was allocated. One that is long ago is refused with <see cref="GofsError.LeaseExpired"/>: the chunk may be collected
/// already. Write the bytes again.
/// </param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC, or null for now.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.put-file")]
public sealed record PutFile(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] Ownership Ownership,
    [property: Id(3)] ChunkHandle Chunk,
    [property: Id(4)] long ChunkSizeBytes,
    [property: Id(5)] long LengthBytes,
    [property: Id(6)] DateTimeOffset AllocatedAt,
    [property: Id(7)] long? ModifiedAt) : INamespaceRequest
{
    /// <summary>
    /// On how many servers the bytes are; 0: not said. Fewer than the goal of the directory, where that is above the namespace's, is refused with
    /// <see cref="GofsError.TooFewReplicas"/>: what was acknowledged would be endangered till it is healed.
    /// </summary>
    [Id(8)] public int Replicas { get; init; }
}

/// <summary>Makes a directory.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">Where.</param>
/// <param name="Ownership">Of each new directory.</param>
/// <param name="Parents">Make missing parents too, and accept a directory that is there (<c>mkdir -p</c>).</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.mkdir")]
public sealed record MakeDirectory(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] Ownership Ownership,
    [property: Id(3)] bool Parents) : INamespaceRequest;

/// <summary>Makes a symlink.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">Where.</param>
/// <param name="Target">What it says: 1 to 4,096 bytes without NUL.</param>
/// <param name="Ownership">Of the symlink.</param>
/// <param name="ModifiedAt">Its modification time (ns since 1970), or null for now.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.symlink")]
public sealed record MakeSymlink(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] byte[] Target,
    [property: Id(3)] Ownership Ownership,
    [property: Id(4)] long? ModifiedAt) : INamespaceRequest;

/// <summary>Moves a name, atomically, by POSIX's rules (rename(2)); a file that is replaced goes to the trash.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="From">What.</param>
/// <param name="To">Where.</param>
/// <param name="NoReplace">Refuse with <see cref="GofsError.AlreadyExists"/> when <paramref name="To"/> is there.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.rename")]
public sealed record Rename(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath From,
    [property: Id(2)] GofsPath To,
    [property: Id(3)] bool NoReplace) : INamespaceRequest;

/// <summary>Removes a name: a file, symlink or empty directory, or with <paramref name="Recursive"/> a whole tree, atomically.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">What.</param>
/// <param name="Recursive">Take a directory's content along.</param>
/// <param name="SkipTrash">Remove at once, for ever.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.remove")]
public sealed record Remove(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] bool Recursive,
    [property: Id(3)] bool SkipTrash) : INamespaceRequest;

/// <summary>Changes attributes; what is null stays.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">Of what. Symlinks are not followed at the last name.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">Numeric user id.</param>
/// <param name="Group">Numeric group id.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.set-attributes")]
public sealed record SetAttributes(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] int? Mode,
    [property: Id(3)] uint? Owner,
    [property: Id(4)] uint? Group,
    [property: Id(5)] long? ModifiedAt) : INamespaceRequest;

/// <summary>Sets or removes one extended attribute.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="Path">Of what.</param>
/// <param name="Name">1 to 255 bytes of UTF-8.</param>
/// <param name="Value">At most 64 KiB; null removes it.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.set-xattr")]
public sealed record SetExtendedAttribute(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] string Name,
    [property: Id(3)] byte[]? Value) : INamespaceRequest;

/// <summary>Puts a trash item back.</summary>
/// <param name="OpId">This attempt.</param>
/// <param name="TrashId">Which.</param>
/// <param name="To">Where, or null for where it was. The parent must be there, and nothing else unless <see cref="Replace"/> says so.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.restore")]
public sealed record Restore(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] long TrashId,
    [property: Id(2)] GofsPath? To)
{
    /// <summary>Whether a file or symlink that is there goes to the trash for it.</summary>
    [Id(3)] public bool Replace { get; init; }
}

/// <summary>What a file grain tells its namespace after a flush, before the flush is acknowledged.</summary>
/// <param name="Inode">The file.</param>
/// <param name="LengthBytes">Its length, durable in the file's stream.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="Closed">Whether the writer has closed: nothing is left to settle.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.file-flushed")]
public sealed record FileFlushed(
    [property: Id(0)] InodeNumber Inode,
    [property: Id(1)] long LengthBytes,
    [property: Id(2)] long ModifiedAt,
    [property: Id(3)] bool Closed)
{
    /// <summary>
    /// The open flag that ends with <see cref="Closed"/> (<see cref="OpenedFile.OpenedAt"/>): one that was raised since stays. 0: whichever there is.
    /// Without <see cref="Closed"/> and not 0: somebody has the file whose flag was ended by a close before he came; this one is raised for him.
    /// </summary>
    [Id(4)] public long OpenedAt { get; init; }

    /// <summary>The number of the file's last record when this was said: what a former grain of the file says may arrive later. 0: not known.</summary>
    [Id(5)] public long EditLogNumber { get; init; }
}

/// <summary>Where a writer goes next after the namespace let it in.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Created">Whether this call made it.</param>
/// <param name="NamespaceNumber">The namespace's number: with the inode, the key of the file grain.</param>
/// <param name="Config">The settings in force.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.opened")]
public sealed record OpenedFile(
    [property: Id(0)] Entry Entry,
    [property: Id(1)] bool Created,
    [property: Id(2)] int NamespaceNumber,
    [property: Id(3)] NamespaceConfig Config)
{
    /// <summary>Whether it was open already: another writer has it, or had it and died.</summary>
    [Id(4)] public bool WasOpen { get; init; }

    /// <summary>
    /// The open flag that this raised: when, by the namespace's clock (nanoseconds since 1970 UTC), and another number each time a file is opened.
    /// </summary>
    [Id(5)] public long OpenedAt { get; init; }

    /// <summary>
    /// Whether nothing is to be done before it is written to, as seen when it was opened: the file grain then need not ask the namespace. Otherwise it has to:
    /// something is to be done for clones of the file first, or its bytes are the namespace's to tell of.
    /// </summary>
    [Id(6)] public bool IsPrepared { get; init; }
}

/// <summary>
/// Makes a clone of a file or a tree: names and attributes are copied, bytes are shared until either side writes to them. Atomic.
/// </summary>
/// <param name="OpId">This attempt.</param>
/// <param name="From">What; a symlink is not followed.</param>
/// <param name="To">Where: nothing is there yet.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.clone")]
public sealed record Clone([property: Id(0)] OpId OpId, [property: Id(1)] GofsPath From, [property: Id(2)] GofsPath To);

/// <summary>
/// Sets how many replicas are wanted of a file's chunks; of a directory, what files made in it from now on want, and with
/// <paramref name="Recursive"/> of all below it. A tree goes in steps: each changes some names at once and answers where to go on.
/// </summary>
/// <param name="OpId">This step.</param>
/// <param name="Path">What; symlinks to it are followed, those below it are passed over.</param>
/// <param name="Goal">1 to 9, and no fewer than the namespace's writes need. More than there are chunk servers is allowed: the chunks stay below it.</param>
/// <param name="Recursive">Everything below a directory too.</param>
/// <param name="After">Names from <paramref name="Path"/> down to the last that an earlier step changed (<see cref="GoalStep.Next"/>); null: begin.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.set-goal")]
public sealed record SetGoal(
    [property: Id(0)] OpId OpId,
    [property: Id(1)] GofsPath Path,
    [property: Id(2)] int Goal,
    [property: Id(3)] bool Recursive,
    [property: Id(4)] byte[][]? After)
{
    /// <summary>
    /// Instead of <see cref="Goal"/>, which is 0 then: a directory has no goal of its own any more, and a file the one that the namespace says now.
    /// </summary>
    [Id(5)] public bool AsNamespace { get; init; }
}

/// <summary>What a step of <see cref="SetGoal"/> did.</summary>
/// <param name="Files">Files that have the goal now.</param>
/// <param name="Directories">Directories whose new files will have it.</param>
/// <param name="Next">Where the next step begins; null: there is none.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.goal-step")]
public sealed record GoalStep([property: Id(0)] long Files, [property: Id(1)] long Directories, [property: Id(2)] byte[][]? Next);
