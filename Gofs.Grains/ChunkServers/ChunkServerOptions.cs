using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>What the chunk server grain of this silo tells the cluster about itself.</summary>
public sealed class ChunkServerOptions
{
    /// <summary>How long a heartbeat counts: a server that is silent for longer is not live.</summary>
    public static readonly TimeSpan LiveTime = TimeSpan.FromSeconds(5);

    /// <summary>How long a server is silent until it is dead: its replicas are made again elsewhere. Default 60 s.</summary>
    public TimeSpan DeadTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Labels, such as rack=r1.</summary>
    public Dictionary<string, string> Labels { get; init; } = [];

    /// <summary>Where its data port is; empty when it has none.</summary>
    public string DataAddress { get; set; } = "";

    /// <summary>Says what went over it; null: it has none.</summary>
    public Func<ServerTraffic>? Traffic { get; set; }

    /// <summary>How many bytes a second it copies from other servers, all copies together. Default 64 MiB.</summary>
    public long CopyBytesPerSecond { get; set; } = 64L << 20;

    /// <summary>Within how many days its scrub reads every replica; 0: only when somebody asks. Default 14.</summary>
    public int ScrubDays { get; set; } = 14;

    /// <summary>How many MiB a second its scrub reads at most. Default 32.</summary>
    public int ScrubMegabytesPerSecond { get; set; } = 32;

    /// <summary>Whether replicas are moved from fuller servers to emptier ones. Default yes.</summary>
    public bool Rebalances { get; set; } = true;

    /// <summary>How many bytes a second of those it copies for that, all together. Default 16 MiB.</summary>
    public long RebalanceBytesPerSecond { get; set; } = 16L << 20;

    /// <summary>Time between heartbeats. Default 1 s.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromSeconds(1);
}
