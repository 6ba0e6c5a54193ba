using System.Globalization;
using System.Net;
using Gofs.Cluster;
using Gofs.Transport;
using Gofs.Web.Hosting;

namespace Gofs.Silo.Hosting;

/// <summary>
/// What a silo is told at its start, from <c>appsettings.json</c>, then <c>GOFS__Silo__Key</c>, then the command line. All faults are
/// listed at once.
/// </summary>
internal sealed class SiloSettings
{
    /// <summary>The section all keys are in.</summary>
    public const string Section = "Silo";

    /// <summary>Short forms of the command line.</summary>
    public static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--data"] = "Silo:Data",
        ["--name"] = "Silo:Name",
        ["--disk"] = "Silo:Disks:0",
        ["--address"] = "Silo:Address",
        ["--silo-port"] = "Silo:SiloPort",
        ["--gateway-port"] = "Silo:GatewayPort",
        ["--data-port"] = "Silo:DataPort",
        ["--log-level"] = "Silo:LogLevel",
        ["--roles"] = "Silo:Roles",
        ["--console-port"] = "Silo:ConsolePort",
        ["--postgres"] = "Silo:Postgres",
        ["--cluster-key-file"] = "Silo:ClusterKeyFile",
    };

    /// <summary>The data folder: identity, EditLog and, unless <see cref="Disks"/> says otherwise, chunks.</summary>
    public string Data { get; set; } = "./data";

    /// <summary>The silo's name, which is its chunk server's id. Default: what the data folder says, else "silo-1".</summary>
    public string? Name { get; set; }

    /// <summary>Folders for chunks, one on each disk.</summary>
    public List<string> Disks { get; set; } = [];

    /// <summary>What it does: meta, chunks, console, separated by commas. Empty, the default: all when it is alone, meta,chunks in a cluster.</summary>
    public string Roles { get; set; } = "";

    /// <summary>
    /// The connection string of the PostgreSQL database that all silos of a cluster share. Empty: one silo alone, with SQLite in its data
    /// folder.
    /// </summary>
    public string Postgres { get; set; } = "";

    /// <summary>A file with the cluster key, the same on all silos: 32 bytes or more. Needed to listen on another address than loopback.</summary>
    public string ClusterKeyFile { get; set; } = "";

    /// <summary>Standbys of each namespace, on as many other silos, 0 to 8.</summary>
    public int Standbys { get; set; } = 1;

    /// <summary>The address it listens on. Default: loopback.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port silos talk to each other on.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port clients talk to.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>The port of the chunk server's data plane, where clients and other chunk servers send and fetch bytes. 0: any that is free.</summary>
    public int DataPort { get; set; } = 30001;

    /// <summary>The port of the web console; nobody listens there without the role console.</summary>
    public int ConsolePort { get; set; } = 8080;

    /// <summary>The address of the console. Default: loopback. On another one has to sign in, so somebody has to be its user before it starts.</summary>
    public string ConsoleAddress { get; set; } = "127.0.0.1";

    /// <summary>Whether one has to sign in on loopback too: for a proxy on this machine that others reach.</summary>
    public bool ConsoleSignIn { get; set; }

    /// <summary>The proxies before the console, which end TLS: IP addresses, or networks such as 10.0.0.0/24. With one, one has to sign in.</summary>
    public List<string> ConsoleProxies { get; set; } = [];

    /// <summary>Labels of the chunk server, such as rack=r1.</summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>What is logged: Trace, Debug, Information, Warning or Error.</summary>
    public string LogLevel { get; set; } = "Warning";

    /// <summary>Room that is left free on each disk.</summary>
    public long ReserveBytes { get; set; } = 64L << 20;

    /// <summary>How long a chunk server is silent until its replicas are made again elsewhere. The same on all silos.</summary>
    public int DeadSeconds { get; set; } = 60;

    /// <summary>How many bytes a second the chunk server copies from others when replicas are made again, at least 1 MiB.</summary>
    public long CopyBytesPerSecond { get; set; } = 64L << 20;

    /// <summary>Within how many days the chunk server reads and checks every replica it has (scrub); 0: only when an operator asks.</summary>
    public int ScrubDays { get; set; } = 14;

    /// <summary>How many MiB a second scrub reads at most, 1 to 100,000.</summary>
    public int ScrubMegabytesPerSecond { get; set; } = 32;

    /// <summary>Whether the chunk tables on this silo move replicas from fuller chunk servers to emptier ones. The same on all silos.</summary>
    public bool Rebalance { get; set; } = true;

    /// <summary>How many bytes a second the chunk server copies for that, at least 4 MiB; they count for <see cref="CopyBytesPerSecond"/> too.</summary>
    public long RebalanceBytesPerSecond { get; set; } = 16L << 20;

    /// <summary>The port of metrics and health; 0, the default: none but the console's.</summary>
    public int MetricsPort { get; set; }

    /// <summary>The address of that port. Default: loopback.</summary>
    public string MetricsAddress { get; set; } = "127.0.0.1";

    /// <summary>Whether Orleans' dashboard has this silo's figures, and its console shows it. Each grain call costs more then.</summary>
    public bool OrleansDashboard { get; set; }

    /// <summary>Whether it is one of several.</summary>
    public bool IsCluster => Postgres.Length > 0;

    /// <summary>Where the data plane is served.</summary>
    public IPEndPoint DataEndPoint => new(IPAddress.Parse(Address), DataPort);

    /// <summary>Where the console is served.</summary>
    public IPEndPoint ConsoleEndPoint => new(IPAddress.Parse(ConsoleAddress), ConsolePort);

    /// <summary>Where the proxies before the console are.</summary>
    public IReadOnlyList<IPNetwork> ProxiesInForce { get; private set; } = [];

    /// <summary>Where metrics and health are served.</summary>
    public IPEndPoint MetricsEndPoint => new(IPAddress.Parse(MetricsAddress), MetricsPort);

    /// <summary>The ports that Orleans listens on.</summary>
    public IReadOnlyList<int> OrleansPorts => [SiloPort, GatewayPort];

    /// <summary>The cluster key: the key file's, else one of the cluster's id, which is known to whoever can read the disks.</summary>
    public ClusterKey KeyOf(string clusterId) =>
        ClusterKeyFile.Length > 0 ? new(File.ReadAllBytes(ClusterKeyFile)) : ClusterKey.OfLoopback(clusterId);

    /// <summary>What it does.</summary>
    public SiloRoles RolesInForce { get; private set; }

    /// <summary>What it was told of the settings that can be set for the cluster too, for others to see: <see cref="SiloInfo.OwnSettings"/>.</summary>
    public string OwnSettings { get; private set; } = "";

    private IEnumerable<(ClusterSetting Setting, string Value)> Shared =>
    [
        (ClusterSetting.DeadSeconds, Text(DeadSeconds)), (ClusterSetting.CopyBytesPerSecond, Text(CopyBytesPerSecond)),
        (ClusterSetting.Rebalance, Rebalance ? "true" : "false"), (ClusterSetting.RebalanceBytesPerSecond, Text(RebalanceBytesPerSecond)),
        (ClusterSetting.ScrubDays, Text(ScrubDays)), (ClusterSetting.ScrubMegabytesPerSecond, Text(ScrubMegabytesPerSecond)),
    ];

    private SiloRoles DefaultRoles => SiloRoles.Meta | SiloRoles.Chunks | (IsCluster ? SiloRoles.None : SiloRoles.Console);

    /// <summary>The folders for chunks in force.</summary>
    public IReadOnlyList<string> ChunkFolders => Disks.Count > 0 ? Disks : [Path.Combine(Data, "disk")];

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>, with all faults.</exception>
    public static SiloSettings Read(IConfiguration configuration)
    {
        SiloSettings settings;
        try
        {
            settings = configuration.GetSection(Section).Get<SiloSettings>() ?? new();
        }
        catch (InvalidOperationException wrong)
        {
            throw new GofsException(GofsError.InvalidArgument, wrong.Message);
        }

        settings.Validate(configuration.GetSection(Section));
        return settings;
    }

    private void Validate(IConfigurationSection section)
    {
        List<string> faults = [];
        var known = typeof(SiloSettings).GetProperties().Where(one => one.GetSetMethod() is not null).Select(one => one.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        faults.AddRange(section.GetChildren().Where(child => !known.Contains(child.Key)).Select(child => $"there is no setting {child.Path}"));
        if (Name is not null && (Name.Length is < 1 or > 64 || Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))))
            faults.Add("Silo:Name has 1 to 64 letters, digits, '-', '_' and '.'");
        if (string.IsNullOrWhiteSpace(Data)) faults.Add("Silo:Data is a folder");
        if (!IPAddress.TryParse(Address, out var address)) faults.Add($"Silo:Address is an IP address, not '{Address}'");
        else if (!IPAddress.IsLoopback(address) && ClusterKeyFile.Length == 0)
            faults.Add("Silo:Address other than loopback needs a cluster key (Silo:ClusterKeyFile): without one anybody who reaches the port could read and write");
        if (ClusterKeyFile.Length > 0 && (!File.Exists(ClusterKeyFile) || new FileInfo(ClusterKeyFile).Length < 32))
            faults.Add($"Silo:ClusterKeyFile is a file of 32 bytes or more; '{ClusterKeyFile}' is not");
        RolesInForce = string.IsNullOrWhiteSpace(Roles) ? DefaultRoles : RolesOf(Roles, faults);
        if (RolesInForce.HasFlag(SiloRoles.Meta) is false && !IsCluster) faults.Add("Silo:Roles without meta needs a cluster (Silo:Postgres)");
        if (Standbys is < 0 or > 8) faults.Add("Silo:Standbys is 0 to 8");
        if (SiloPort is < 1 or > 65535) faults.Add("Silo:SiloPort is 1 to 65535");
        if (GatewayPort is < 1 or > 65535) faults.Add("Silo:GatewayPort is 1 to 65535");
        if (DataPort is < 0 or > 65535) faults.Add("Silo:DataPort is 1 to 65535, or 0 for any that is free");
        if (ConsolePort is < 1 or > 65535) faults.Add("Silo:ConsolePort is 1 to 65535");
        if (RolesInForce.HasFlag(SiloRoles.Console) && (ConsolePort == SiloPort || ConsolePort == GatewayPort || ConsolePort == DataPort))
            faults.Add("Silo:ConsolePort is another than Silo:SiloPort, Silo:GatewayPort and Silo:DataPort");
        if (MetricsPort is < 0 or > 65535) faults.Add("Silo:MetricsPort is 1 to 65535, or 0 for none");
        if (MetricsPort > 0 && (MetricsPort == SiloPort || MetricsPort == GatewayPort || MetricsPort == DataPort || MetricsPort == ConsolePort))
            faults.Add("Silo:MetricsPort is another than the silo's other ports");
        if (!IPAddress.TryParse(MetricsAddress, out _)) faults.Add($"Silo:MetricsAddress is an IP address, not '{MetricsAddress}'");
        if (!IPAddress.TryParse(ConsoleAddress, out _)) faults.Add($"Silo:ConsoleAddress is an IP address, not '{ConsoleAddress}'");
        ProxiesInForce = ProxiesOf(ConsoleProxies, faults);
        if (GatewayPort == SiloPort || GatewayPort == DataPort || SiloPort == DataPort) faults.Add("Silo:GatewayPort, Silo:SiloPort and Silo:DataPort differ");
        if (!Enum.TryParse<LogLevel>(LogLevel, ignoreCase: true, out _)) faults.Add("Silo:LogLevel is Trace, Debug, Information, Warning or Error");
        if (ReserveBytes < 0) faults.Add("Silo:ReserveBytes is not negative");
        foreach (var (setting, value) in Shared)
        {
            if (setting.FaultOf(value) is { } fault) faults.Add($"Silo:{fault}");
        }

        OwnSettings = string.Join(' ', Shared.Where(one => section[one.Setting.Key] is not null).Select(one => $"{one.Setting.Key}={one.Value}"));
        if (faults.Count > 0) throw new GofsException(GofsError.InvalidArgument, string.Join("; ", faults));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static List<IPNetwork> ProxiesOf(List<string> texts, List<string> faults)
    {
        List<IPNetwork> proxies = [];
        foreach (var text in texts)
        {
            if (TrustedProxies.TryParse(text, out var one)) proxies.Add(one);
            else faults.Add($"Silo:ConsoleProxies has IP addresses, and networks such as 10.0.0.0/24, not '{text}'");
        }

        return proxies;
    }

    private static SiloRoles RolesOf(string text, List<string> faults)
    {
        var roles = SiloRoles.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Enum.TryParse<SiloRoles>(word, ignoreCase: true, out var role) && role != SiloRoles.None) roles |= role;
            else faults.Add($"Silo:Roles has meta, chunks and console, not '{word}'");
        }

        if (roles == SiloRoles.None) faults.Add("Silo:Roles names at least one role");
        return roles;
    }
}
