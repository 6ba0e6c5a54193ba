using System.CommandLine;
using Gofs.Ctl.Commands;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Shell;

/// <summary>
/// Many commands over one connection. On a terminal: lines are edited, Ctrl-C ends the command that runs.
/// From a pipe or file: one line after the other until one fails. A code that is not 0 is shown.
/// </summary>
internal sealed class InteractiveShell(Session session, Func<CancellationToken> begin)
{
    private const int MostLineBytes = 1 << 20;
    private readonly Command root = AllCommands.MakeShellRoot();
    private int last;

    /// <summary>Runs until the end; answers the exit code.</summary>
    /// <param name="keepGoing">Whether a script goes on after a failure; its code is then that of the last command that failed.</param>
    public Task<int> RunAsync(bool keepGoing) => LibC.IsTerminal(0) == 1 ? TalkAsync() : ReadScriptAsync(keepGoing);

    private async Task<int> TalkAsync()
    {
        var history = History.Load(History.PathOf(Environment.GetEnvironmentVariable));
        var reader = new LineReader(history, new Completer(root, session, new RemoteNames(session, TimeProvider.System)));
        var hasTold = false;
        while (!session.IsEnded)
        {
            if (history.Trouble is { } trouble && !hasTold)
            {
                await Console.Error.WriteLineAsync($"gofsctl: {Texts.Visible(trouble)}");
                hasTold = true;
            }

            if (await reader.ReadAsync(Prompt()) is not { } line) break;
            await RunLineAsync(line);
        }

        return session.EndCode ?? last;
    }

    private async Task<int> ReadScriptAsync(bool keepGoing)
    {
        session.IsScript = true;
        using var lines = new ScriptLines(Console.OpenStandardInput(), MostLineBytes);
        var failed = ExitCodes.Done;
        for (var number = 1; !session.IsEnded && await lines.ReadAsync() is { } line; number++)
        {
            var code = await RunLineAsync(line);
            if (session.EndCode is { } end) return end;
            if (code == ExitCodes.Done) continue;
            failed = code;
            if (keepGoing && code != ExitCodes.Interrupted) continue;
            await Console.Error.WriteLineAsync($"gofsctl: line {number} failed, what follows was not run");
            break;
        }

        return failed;
    }

    private async Task<int> RunLineAsync(string line)
    {
        try
        {
            var words = ShellWords.Split(line);
            if (words.Length == 0) return ExitCodes.Done;
            last = await CommandRunner.RunAsync(root, words, session, begin());
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync($"gofsctl: {Texts.Line(wrong)}");
            last = ExitCodes.Usage;
        }

        if (last != ExitCodes.Done && !session.IsEnded) await Console.Error.WriteLineAsync($"[exit code {last}]");
        return last;
    }

    private string Prompt() => session.Here is { } here ? $"{here.Namespace}:{Texts.Visible(PathText.Decode(here.Path.Bytes))}> " : "gofs> ";
}
