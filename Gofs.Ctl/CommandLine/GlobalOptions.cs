using System.CommandLine;

namespace Gofs.Ctl.CommandLine;

/// <summary>Options every command has.</summary>
internal static class GlobalOptions
{
    /// <summary>Where silos are.</summary>
    public static readonly Option<string[]> Gateway = new("--gateway")
    {
        Description = "HOST:PORT of a silo's gateway; may be given again (default: $GOFS_GATEWAYS, else the profile, else 127.0.0.1:30000)",
        Recursive = true,
    };

    /// <summary>How long an operation is tried.</summary>
    public static readonly Option<double> Timeout = new("--timeout")
    {
        Description = "Seconds an operation is tried before its outcome counts as unknown",
        DefaultValueFactory = _ => 30,
        Recursive = true,
    };

    /// <summary>How long connecting is tried.</summary>
    public static readonly Option<double> ConnectTimeout = new("--connect-timeout")
    {
        Description = "Seconds until no silo counts as reachable; at most --timeout",
        DefaultValueFactory = _ => 5,
        Recursive = true,
    };

    /// <summary>Machine-readable output.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON, one document a line", Recursive = true };

    /// <summary>The client these options ask for.</summary>
    /// <exception cref="UsageException">They, the environment or the profile are not as they must be.</exception>
    public static GofsClientOptions ClientOptions(ParseResult parse)
    {
        var seconds = parse.GetValue(Timeout);
        if (seconds is < 0.1 or > 3600) throw new UsageException("--timeout is 0.1 to 3600 seconds");
        var connect = parse.GetValue(ConnectTimeout);
        if (connect is < 0.1 or > 3600) throw new UsageException("--connect-timeout is 0.1 to 3600 seconds");
        var limit = TimeSpan.FromSeconds(seconds);
        var options = new GofsClientOptions
        {
            OperationTimeout = limit,
            ConnectTimeout = TimeSpan.FromSeconds(Math.Min(connect, seconds)),
            Ownership = new(0x1A4, Local.LibC.EffectiveUser(), Local.LibC.EffectiveGroup()),
        };
        var (gateways, source) = Gateways.Find(parse.GetValue(Gateway) ?? [], Environment.GetEnvironmentVariable);
        if (gateways.Count > 0) options = options with { Gateways = gateways };
        try
        {
            options.Validate();
        }
        catch (GofsException wrong)
        {
            throw new UsageException($"{source}: {wrong.Detail}");
        }

        return options;
    }
}
