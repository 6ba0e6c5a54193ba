namespace Gofs.Ctl.Targets;

/// <summary>
/// The process's arguments with names that are not UTF-8 intact. .NET decodes them with U+FFFD for such bytes; the kernel
/// still has them, so only then they are read again from there.
/// </summary>
internal static class RawArguments
{
    /// <summary>The arguments in <see cref="PathText"/> form.</summary>
    public static string[] Restore(string[] arguments)
    {
        if (!Array.Exists(arguments, a => a.Contains('\uFFFD'))) return arguments;
        return Restore(arguments, File.ReadAllBytes("/proc/self/cmdline"));
    }

    /// <summary>As <see cref="Restore(string[])"/>, from a command line as the kernel keeps it: each argument ended by NUL.</summary>
    public static string[] Restore(string[] arguments, ReadOnlySpan<byte> commandLine)
    {
        List<string> raw = [];
        foreach (var range in commandLine.TrimEnd((byte)0).Split((byte)0)) raw.Add(PathText.Decode(commandLine[range]));
        return raw.Count < arguments.Length ? arguments : [.. raw[^arguments.Length..]];
    }
}
