namespace Gofs.Ctl.CommandLine;

/// <summary>
/// gofsctl's exit codes: 0 done, 1 part of it failed or something was found, 2 wrong usage, 3 bytes lost, 10 + the error's number, 130 interrupted.
/// </summary>
internal static class ExitCodes
{
    /// <summary>All done.</summary>
    public const int Done = 0;

    /// <summary>Some of many failed; each has its line on standard error.</summary>
    public const int Partial = 1;

    /// <summary>A check found something to do; nothing is lost.</summary>
    public const int Findings = 1;

    /// <summary>A check found bytes that can't be read.</summary>
    public const int Lost = 3;

    /// <summary>The command line, or a local file, is not as it must be.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    private const int FirstError = 10;

    /// <summary>The code of an error.</summary>
    public static int Of(GofsError error) => FirstError + (int)error;
}
