using System.CommandLine;

namespace Gofs.Ctl.CommandLine;

/// <summary>Options every command has.</summary>
internal static class GlobalOptions
{
    /// <summary>Where silos are.</summary>
    public static readonly Option<string[]> Gateway = new("--gateway")
    {
        Description = "HOST:PORT of a silo's gateway; may be given again (default: $GOFS_GATEWAY, else 127.0.0.1:30000)",
        Recursive = true,
    };

    /// <summary>How long an operation is tried.</summary>
    public static readonly Option<double> Timeout = new("--timeout")
    {
        Description = "Seconds an operation is tried before its outcome counts as unknown",
        DefaultValueFactory = _ => 30,
        Recursive = true,
    };

    /// <summary>Machine-readable output.</summary>
    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON, one document a line", Recursive = true };

    /// <summary>The client these options ask for.</summary>
    public static GofsClientOptions ClientOptions(ParseResult parse)
    {
        var gateways = parse.GetValue(Gateway) is { Length: > 0 } given ? given : null;
        gateways ??= Environment.GetEnvironmentVariable("GOFS_GATEWAY")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var seconds = parse.GetValue(Timeout);
        if (seconds is < 0.1 or > 86_400) throw new UsageException("--timeout is 0.1 to 86400 seconds");
        var options = new GofsClientOptions
        {
            OperationTimeout = TimeSpan.FromSeconds(seconds),
            Ownership = new(0x1A4, Local.LibC.EffectiveUser(), Local.LibC.EffectiveGroup()),
        };
        return gateways is { Length: > 0 } ? options with { Gateways = gateways } : options;
    }
}
