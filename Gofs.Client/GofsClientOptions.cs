namespace Gofs;

/// <summary>How a <see cref="GofsClient"/> finds a file system and how patient it is.</summary>
public sealed record GofsClientOptions
{
    /// <summary>Gateways ("host:port") of silos. Default: the embedded silo of this machine.</summary>
    public IReadOnlyList<string> Gateways { get; init; } = ["127.0.0.1:30000"];

    /// <summary>The Orleans cluster id. Default "gofs".</summary>
    public string ClusterId { get; init; } = "gofs";

    /// <summary>The Orleans service id. Default "gofs".</summary>
    public string ServiceId { get; init; } = "gofs";

    /// <summary>The longest <see cref="GofsClient.ConnectAsync"/> tries. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The longest an operation is tried: unknown outcomes are retried under the same op-id until then, then
    /// <see cref="GofsError.Timeout"/>. Default 30 s.
    /// </summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes a chunk transfer carries, 64 KiB to 1 MiB. Default 1 MiB.</summary>
    public int TransferBytes { get; init; } = 1 << 20;

    /// <summary>Transfers an open file has on the way at once, reading ahead or writing behind, 1 to 64. Default 4.</summary>
    public int TransfersInFlight { get; init; } = 4;

    /// <summary>Owner and group of what this client creates, and the mode of files (directories: 0755). Default: 0644, uid 0, gid 0.</summary>
    public Namespaces.Ownership Ownership { get; init; } = new(Mode: 0x1A4, Owner: 0, Group: 0);
}
