using System.CommandLine;
using Gofs.Ctl.Shell;

namespace Gofs.Ctl.Commands;

/// <summary>completion, and the hidden command its scripts ask.</summary>
internal static class CompletionCommands
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly Argument<string> LoginShell = new("SHELL") { Description = "bash, zsh or fish" };
    private static readonly Argument<string> Line = new("LINE") { Description = "The command line up to the cursor" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("completion", "Prints a script that makes a shell complete gofsctl's commands, options and targets") { LoginShell }
        .Example("source <(gofsctl completion bash)", "gofsctl completion fish > ~/.config/fish/completions/gofsctl.fish").Does(run =>
        {
            run.Out.Text(run.Get(LoginShell) switch
            {
                "bash" => CompletionScripts.Bash,
                "zsh" => CompletionScripts.Zsh,
                "fish" => CompletionScripts.Fish,
                var other => throw new UsageException($"there are scripts for bash, zsh and fish, not for '{other}'"),
            }, '\n');
            return Task.CompletedTask;
        });

    /// <summary>What the scripts call: one candidate a line, quoted; silent when nothing answers in time.</summary>
    public static Command MakeHidden()
    {
        var command = new Command("__complete", "Candidates for the last word of a command line") { Line }.Does(CompleteAsync);
        command.Hidden = true;
        return command;
    }

    private static async Task CompleteAsync(Invocation run)
    {
        var line = run.Get(Line);
        var name = ShellWords.SplitTyped(line);
        if (name.Count < 2) return;
        var skipped = name[1].Start;
        run.Session.Options = OptionsOf(line[skipped..]) with { ConnectTimeout = Patience, OperationTimeout = Patience };
        var completer = new Completer(AllCommands.MakeRoot(), run.Session, new RemoteNames(run.Session, TimeProvider.System));
        using var limit = new CancellationTokenSource(Patience);
        var completion = await completer.CompleteAsync(line[skipped..], limit.Token);
        foreach (var word in completion.Words) run.Out.Line(ShellWords.Quote(word));
    }

    /// <summary>The connection the typed line itself asks for.</summary>
    private static GofsClientOptions OptionsOf(string line)
    {
        try
        {
            return GlobalOptions.ClientOptions(AllCommands.MakeRoot().Parse([.. ShellWords.SplitTyped(line).Select(word => word.Text)]));
        }
        catch (Exception wrong) when (wrong is UsageException or InvalidOperationException)
        {
            return new();
        }
    }
}
