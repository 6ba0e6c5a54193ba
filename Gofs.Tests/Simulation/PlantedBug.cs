namespace Gofs.Tests.Simulation;

/// <summary>Bugs that a run can have on purpose: what shows that it would be noticed.</summary>
internal enum PlantedBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>The store acknowledges what its disk does not have yet.</summary>
    NoFsync,

    /// <summary>The store lets a former owner append.</summary>
    NoEpochCheck,

    /// <summary>A command that is asked again is carried out again.</summary>
    OpIdIgnored,

    /// <summary>A command that is asked again does not say so, and what it refused is not remembered.</summary>
    RefusalForgotten,

    /// <summary>The log is trimmed before the Snapshot that replaces it is there.</summary>
    TrimBeforeSnapshot,

    /// <summary>A Snapshot says that it is of the record before its last.</summary>
    SnapshotWithWrongNumber,

    /// <summary>A commit is acknowledged when it was sent.</summary>
    ReplyBeforeDurable,

    /// <summary>An owner whose clock stands still, so that what it reads counts for ever.</summary>
    ReadsNotFenced,

    /// <summary>A standby takes what it is fed for what it misses.</summary>
    StandbySkipsGap,

    /// <summary>A chunk server's disk acknowledges syncs that it does not do.</summary>
    FlushWithoutSync,

    /// <summary>A machine whose power went does not say so.</summary>
    LossUnnoticed,

    /// <summary>A primary acknowledges a record when it has sent it to the others.</summary>
    AckBeforeSecondaries,

    /// <summary>A chunk server takes writes for another version than its replica has.</summary>
    VersionNotChecked,

    /// <summary>A replica that was left out counts when its server is back, and is read.</summary>
    StaleReplicaServed,

    /// <summary>A writer whose clock stands does not see its lease end, and the file does not look whose it is.</summary>
    LeaseNotExpired,

    /// <summary>A length is logged though the bytes are not flushed.</summary>
    LengthBeforeFlush,

    /// <summary>A chunk server gives out bytes that do not match their CRC.</summary>
    CrcNotChecked,

    /// <summary>What was written while a replica was copied is not copied again.</summary>
    TouchedForgotten,

    /// <summary>Writers go on without a replica that failed, under the version it has.</summary>
    VersionNotMoved,
}
