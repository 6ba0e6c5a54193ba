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
}
