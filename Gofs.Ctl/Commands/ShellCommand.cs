using System.CommandLine;
using Gofs.Ctl.Shell;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Commands;

/// <summary>shell.</summary>
internal static class ShellCommand
{
    private const string Name = "shell";
    private static readonly Argument<string?> Start = new("TARGET") { Description = "The directory to begin in", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> KeepGoing = new("-k", "--keep-going") { Description = "A script goes on after a command that failed" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command(Name, "Runs many commands over one connection: lines typed at a prompt, or a script on standard input")
        { Start, KeepGoing }
        .Example("gofsctl shell demo:/", "gofsctl shell demo:/docs < commands.txt").Does(RunAsync);

    /// <summary>Whether a command line is that of a shell, which Ctrl-C does not end.</summary>
    public static bool IsAskedFor(IReadOnlyList<string> arguments) => arguments.Contains(Name);

    private static async Task RunAsync(Invocation run)
    {
        using var interrupts = new Interrupts(isShell: true);
        await using var session = new Session(isShell: true) { Options = run.Session.Options, IsJson = run.Out.IsJson };
        if (run.Get(Start) is { } start) await ShellVerbs.EnterAsync(session, Target.ParseRemoteOnly(start), run.Cancellation);
        else await session.ConnectAsync(run.Cancellation);
        run.ExitCode = await new InteractiveShell(session, interrupts.Begin).RunAsync(run.Get(KeepGoing));
    }
}
