namespace Gofs.ChunkServers;

/// <summary>Whether what a chunk server holds can be counted on.</summary>
public enum ServerStanding
{
    /// <summary>It is heard from.</summary>
    Live = 0,

    /// <summary>It is silent, or its silo is gone, for less than the dead time: its replicas still count, and it is expected back.</summary>
    Suspect = 1,

    /// <summary>It has been silent for the dead time: its replicas count no more and are made again elsewhere.</summary>
    Dead = 2,
}

/// <summary>What an operator said of a chunk server.</summary>
public enum ServerMark
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is to be taken away: its replicas do not count for the goal but are copied from, and it takes no new chunks.</summary>
    Drain = 1,

    /// <summary>It will be silent for a while, until a set time: its replicas count although it is.</summary>
    Maintenance = 2,
}
