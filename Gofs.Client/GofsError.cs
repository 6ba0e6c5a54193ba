namespace Gofs;

/// <summary>
/// Everything that can go wrong, one member for each thing a caller can do about it.
/// The numbers are part of the wire contract and of gofsctl's exit codes: they only ever grow.
/// </summary>
public enum GofsError
{
    /// <summary>A fault inside Gofs. Report it; retrying is safe only for an operation with the same op-id.</summary>
    Internal = 0,

    /// <summary>No such namespace. Create it (<c>gofsctl ns create</c>) or correct the name.</summary>
    NamespaceNotFound = 1,

    /// <summary>A namespace of that name is there already.</summary>
    NamespaceExists = 2,

    /// <summary>No file, directory or symlink at that path.</summary>
    NotFound = 3,

    /// <summary>Something is at that path already. Choose another name, or open it instead of creating it.</summary>
    AlreadyExists = 4,

    /// <summary>A directory is needed there (POSIX ENOTDIR).</summary>
    NotADirectory = 5,

    /// <summary>A file is needed there (POSIX EISDIR).</summary>
    IsADirectory = 6,

    /// <summary>The directory has entries. Remove them first, or remove the tree.</summary>
    DirectoryNotEmpty = 7,

    /// <summary>The path, name or target is malformed: empty, relative, with a NUL byte, or . and .. in a place where they are not stored.</summary>
    InvalidPath = 8,

    /// <summary>A name of more than 255 bytes or a path of more than 4,096.</summary>
    NameTooLong = 9,

    /// <summary>More than 40 symlinks on the way: a loop.</summary>
    TooManySymlinks = 10,

    /// <summary>An argument is out of its range. The message names it and the range.</summary>
    InvalidArgument = 11,

    /// <summary>The namespace's quota of names or bytes would be passed. Remove something, purge the trash, or raise the quota.</summary>
    QuotaExceeded = 12,

    /// <summary>No chunk server has room for the chunk. Reads go on; add disks or remove something.</summary>
    NoSpace = 13,

    /// <summary>Somebody else holds the file's writer lease. Try again after it ends (the message says when).</summary>
    LeaseHeld = 14,

    /// <summary>The caller's lease has ended or was taken over: what was not flushed is lost. Open the file again.</summary>
    LeaseExpired = 15,

    /// <summary>The chunk version asked for is not the one on the server. Locate the chunk again.</summary>
    StaleVersion = 16,

    /// <summary>The chunk server does not have the chunk. Locate it again.</summary>
    ChunkNotFound = 17,

    /// <summary>No replica of the chunk can be reached now. Retry later; <c>gofsctl find --missing</c> and the console say what is being done.</summary>
    ChunkUnavailable = 18,

    /// <summary>Bytes on disk or on the wire do not match their CRC. Another replica is tried first; when all fail this is what is said.</summary>
    Corrupt = 19,

    /// <summary>A disk refused to read or write (EIO). The server has taken it out of service.</summary>
    DiskFailed = 20,

    /// <summary>The metadata grain lost its epoch or its store: the outcome is unknown. Retry with the same op-id.</summary>
    Unavailable = 21,

    /// <summary>No answer in time: the outcome is unknown. Retry with the same op-id.</summary>
    Timeout = 22,

    /// <summary>The operation is not allowed there, for example moving a directory into itself, or writing to the root.</summary>
    NotPermitted = 23,

    /// <summary>No silo can be reached. Start one, or correct the gateway address.</summary>
    SiloUnreachable = 24,

    /// <summary>No such trash item (it was purged or restored).</summary>
    TrashItemNotFound = 25,

    /// <summary>No such chunk server is in the cluster now. Correct its id, or start it.</summary>
    ChunkServerNotFound = 26,

    /// <summary>The folder or disk belongs to another server or cluster, or is in use by another process.</summary>
    ForeignFolder = 27,

    /// <summary>An EditLog record, Snapshot part or dump does not match its CRC or is missing. Nothing after it is served.</summary>
    EditLogCorrupt = 28,

    /// <summary>The request is more than the server has room to queue. Retry after a moment.</summary>
    Busy = 29,

    /// <summary>A chunk server's data port does not know the token, or it has expired. Locate the chunk again.</summary>
    TokenRefused = 30,

    /// <summary>The master has no standby that could take over, or none on the silo asked for: it stays. Look at <c>gofsctl meta status</c>.</summary>
    NoStandby = 31,

    /// <summary>No silo of that name, or none that does what is asked of it, is active in the cluster now. Correct the name, or start it.</summary>
    SiloNotFound = 32,

    /// <summary>What is left of the chunk has no room for the record. Append to the file's next chunk; the SDK does.</summary>
    ChunkFull = 33,

    /// <summary>A replica does not end where the primary appends: they have to be made equal first. Ask the file grain for that; the SDK does.</summary>
    ReplicasDiffer = 34,

    /// <summary>The bytes are on fewer servers than files in that directory want. Write the file as a stream; the SDK does.</summary>
    TooFewReplicas = 35,
}
