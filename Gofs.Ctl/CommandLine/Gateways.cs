using System.Text.Json;

namespace Gofs.Ctl.CommandLine;

/// <summary>
/// Where silos are: from the command line, else <c>GOFS_GATEWAYS</c> (or <c>GOFS_GATEWAY</c>), else the user's profile
/// <c>$XDG_CONFIG_HOME/gofs/profile.json</c> (<c>~/.config/gofs/profile.json</c>), else nowhere: the embedded silo of this machine.
/// </summary>
internal static class Gateways
{
    private const int MostProfileBytes = 64 << 10;

    /// <summary>The gateways, and who says so.</summary>
    /// <exception cref="UsageException">The profile is not as it must be.</exception>
    public static (IReadOnlyList<string> Gateways, string Source) Find(IReadOnlyList<string> given, Func<string, string?> environment)
    {
        if (given.Count > 0) return (given, "--gateway");
        foreach (var name in (string[])["GOFS_GATEWAYS", "GOFS_GATEWAY"])
        {
            var listed = environment(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (listed is { Length: > 0 }) return (listed, name);
        }

        var path = ProfilePath(environment);
        return path is not null && File.Exists(path) ? (ParseProfile(Read(path), path), path) : ([], "default");
    }

    /// <summary>Where the profile is; null when there is no home folder.</summary>
    public static string? ProfilePath(Func<string, string?> environment) => Under(environment, "XDG_CONFIG_HOME", ".config") is { } folder
        ? Path.Combine(folder, "profile.json")
        : null;

    /// <summary>The folder "gofs" in one of the user's folders.</summary>
    public static string? Under(Func<string, string?> environment, string variable, string fallback)
    {
        var folder = environment(variable);
        if (string.IsNullOrEmpty(folder))
        {
            if (environment("HOME") is not { Length: > 0 } home) return null;
            folder = Path.Combine(home, fallback);
        }

        return Path.Combine(folder, "gofs");
    }

    /// <summary>Reads <c>{ "gateways": ["host:port"] }</c>.</summary>
    /// <exception cref="UsageException">It is something else.</exception>
    public static IReadOnlyList<string> ParseProfile(ReadOnlySpan<byte> utf8, string path)
    {
        List<string> gateways = [];
        try
        {
            var reader = new Utf8JsonReader(utf8, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read() || document.RootElement.ValueKind != JsonValueKind.Object) throw new UsageException($"{path}: it is one JSON object");
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Name != "gateways") throw new UsageException($"{path}: there is no setting '{member.Name}'; there is \"gateways\"");
                if (member.Value.ValueKind != JsonValueKind.Array) throw new UsageException($"{path}: gateways is an array of \"host:port\"");
                foreach (var one in member.Value.EnumerateArray())
                {
                    if (one.ValueKind != JsonValueKind.String) throw new UsageException($"{path}: gateways is an array of \"host:port\"");
                    gateways.Add(one.GetString()!);
                }
            }
        }
        catch (JsonException broken)
        {
            throw new UsageException($"{path}: {Texts.Visible(broken.Message)}");
        }

        return gateways;
    }

    private static byte[] Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length <= MostProfileBytes ? bytes : throw new UsageException($"{path}: at most {MostProfileBytes} bytes");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(failed.Message);
        }
    }
}
