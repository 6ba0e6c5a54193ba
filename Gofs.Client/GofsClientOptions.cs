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

    /// <summary>
    /// How long one try of a call waits for its answer before it is tried again, under the same op-id and perhaps at another silo: the first four
    /// half as long, then doubled with every try. Default 1 s.
    /// </summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether bytes go over the chunk servers' data ports where they can be reached, which is faster, else always over grains. Default: yes.
    /// </summary>
    public bool DataPorts { get; init; } = true;

    /// <summary>
    /// Whether replicas on this machine are read from their files, which their chunk servers open for this process, where what is wanted is in memory: some
    /// times faster than over a data port. Default: yes. Of no effect without <see cref="DataPorts"/>, and elsewhere than on Linux.
    /// </summary>
    public bool LocalFiles { get; init; } = true;

    /// <summary>Bytes a chunk transfer carries, 64 KiB to 1 MiB. Default 1 MiB.</summary>
    public int TransferBytes { get; init; } = 1 << 20;

    /// <summary>Transfers an open file has on the way at once, reading ahead or writing behind, 1 to 64. Default 4.</summary>
    public int TransfersInFlight { get; init; } = 4;

    /// <summary>Owner and group of what this client creates, and the mode of files (directories: 0755). Default: 0644, uid 0, gid 0.</summary>
    public Namespaces.Ownership Ownership { get; init; } = new(Mode: 0x1A4, Owner: 0, Group: 0);

    /// <summary>
    /// Whose name acts of administration are recorded under (<see cref="Cluster.AuditEntry"/>); nobody checks it. Default: the user of this process.
    /// </summary>
    public string User { get; init; } = Cluster.Caller.OfProcess.User;

    /// <summary>From which machine they are said to come. Default: this one.</summary>
    public string Host { get; init; } = Cluster.Caller.OfProcess.Host;

    /// <summary>Refuses options out of range; the message lists every fault at once.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (Gateways is null or { Count: 0 }) faults.Add("there is at least one gateway");
        else faults.AddRange(Gateways.Where(gateway => !Internal.Gateway.IsWellFormed(gateway)).Select(gateway => $"'{gateway}' is not host:port"));
        if (string.IsNullOrEmpty(ClusterId) || string.IsNullOrEmpty(ServiceId)) faults.Add("cluster id and service id are not empty");
        if (User is not { Length: > 0 and <= Cluster.Caller.MostChars } || Host is not { Length: <= Cluster.Caller.MostChars })
            faults.Add($"user and host have at most {Cluster.Caller.MostChars} characters, and there is a user");
        if (ConnectTimeout <= TimeSpan.Zero || ConnectTimeout > TimeSpan.FromHours(1)) faults.Add("connect timeout is above zero, up to 1 h");
        if (OperationTimeout <= TimeSpan.Zero || OperationTimeout > TimeSpan.FromHours(1)) faults.Add("operation timeout is above zero, up to 1 h");
        if (AttemptTimeout < TimeSpan.FromMilliseconds(50) || AttemptTimeout > TimeSpan.FromHours(1)) faults.Add("attempt timeout is 50 ms to 1 h");
        if (TransferBytes is < 64 << 10 or > 1 << 20) faults.Add("transfer bytes are 64 KiB to 1 MiB");
        if (TransfersInFlight is < 1 or > 64) faults.Add("transfers in flight are 1 to 64");
        if (faults.Count > 0) throw new GofsException(GofsError.InvalidArgument, string.Join("; ", faults));
    }
}
