namespace Gofs.Silo.Hosting;

/// <summary>What the command line may say, and what it may not.</summary>
internal static class SiloUsage
{
    private const string Before = """
        One silo of Gofs: serves a data folder until Ctrl-C.

        Usage: gofs-silo [--KEY VALUE]...

        """;

    private const string After = """

        Every other setting of docs/operations.md as --Silo:Key VALUE, GOFS__Silo__Key=VALUE or in appsettings.json.
        Exit codes: 0 stopped, 2 wrong settings, 3 a folder can't be had, 4 the silo can't start.
        """;

    /// <summary>Whether help is asked for.</summary>
    public static bool IsAskedFor(string[] args) => args.Any(arg => arg is "--help" or "-h" or "-?");

    /// <summary>The help.</summary>
    public static string Text =>
        $"{Before}{string.Join('\n', SiloSettings.Switches.Select(pair => $"  {pair.Key,-20} {pair.Value}"))}\n{After}";

    /// <summary>Refuses words that would be passed over in silence.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>, with all of them.</exception>
    public static void Check(string[] args)
    {
        List<string> faults = [];
        for (var i = 0; i < args.Length; i++)
        {
            var (arg, at) = (args[i], args[i].IndexOf('=', StringComparison.Ordinal));
            var key = at < 0 ? arg : arg[..at];
            if (!SiloSettings.Switches.ContainsKey(key) && !key.StartsWith($"--{SiloSettings.Section}:", StringComparison.OrdinalIgnoreCase))
                faults.Add($"there is no option {key}");
            if (at >= 0) continue;
            i++;
            if (i == args.Length) faults.Add($"{arg} wants a value");
        }

        if (faults.Count > 0) throw new GofsException(GofsError.InvalidArgument, $"{string.Join("; ", faults)}; see gofs-silo --help");
    }
}
