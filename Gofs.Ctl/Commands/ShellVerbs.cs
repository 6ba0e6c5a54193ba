using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>What only the shell has: cd, pwd, echo, help, exit.</summary>
internal static class ShellVerbs
{
    private static readonly Argument<string?> Where = new("TARGET")
    {
        Description = "A directory; - for the one before; without one the namespace's root", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string[]> Words = new("WORD") { Arity = ArgumentArity.ZeroOrMore };
    private static readonly Argument<int?> Code = new("CODE")
    {
        Description = "The exit code; without one the last command's", Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string?> About = new("COMMAND") { Arity = ArgumentArity.ZeroOrOne };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("cd", "Changes the directory that targets are relative to") { Where }.Example("cd demo:/share", "cd ../docs", "cd -").Does(ChangeAsync),
        new Command("pwd", "Prints the directory that targets are relative to").Example("pwd").Does(run =>
        {
            var here = run.Remote(".");
            run.Out.Show(run.Out.Name(here.ToString()), json => EntryJson.WritePlace(json, here));
            return Task.CompletedTask;
        }),
        new Command("echo", "Prints words") { Words }.Example("echo done").Does(run =>
        {
            var text = string.Join(' ', run.Get(Words));
            run.Out.Show(text, json => EntryJson.WriteBytes(json, "text", PathText.Encode(text)));
            return Task.CompletedTask;
        }),
        new Command("help", "Lists the commands, or says more about one") { About }.Example("help", "help put").Does(HelpAsync),
        new Command("exit", "Leaves the shell") { Code }.Example("exit").Does(EndAsync),
        new Command("quit", "Leaves the shell") { Code }.Example("quit").Does(EndAsync),
    ];

    /// <summary>Makes a directory the one that targets are relative to.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.NotADirectory"/>.</exception>
    public static async Task EnterAsync(Session session, Target target, CancellationToken cancellation)
    {
        var entry = await (await session.ConnectAsync(cancellation)).Namespace(target.Namespace!).StatAsync(target.Path, cancellation: cancellation);
        if (entry.Type != EntryType.Directory) throw new GofsException(GofsError.NotADirectory, "it is not a directory", target.Path.ToString());
        (session.Before, session.Here) = (session.Here, target.At(target.Path));
    }

    private static async Task ChangeAsync(Invocation run)
    {
        var session = run.Session;
        var text = run.Get(Where);
        var target = text switch
        {
            null => run.Remote("/"),
            "-" => session.Before ?? throw new UsageException("there is no directory before this one"),
            _ => run.Remote(text),
        };
        await EnterAsync(session, target, run.Cancellation);
        if (text == "-") run.Out.Line(run.Out.Name(target.ToString()));
    }

    private static async Task HelpAsync(Invocation run)
    {
        var root = AllCommands.MakeShellRoot();
        if (run.Get(About) is { } name)
        {
            if (root.Subcommands.All(one => one.Name != name)) throw new UsageException($"there is no command '{name}'");
            await root.Parse([name, "--help"]).InvokeAsync(new SessionConfiguration(run.Session), run.Cancellation);
            return;
        }

        foreach (var command in root.Subcommands.OrderBy(one => one.Name, StringComparer.Ordinal))
        {
            var said = command.Description!.Split('\n')[0];
            run.Out.Show($"{command.Name,-10} {said}", json => { json.WriteString("command", command.Name); json.WriteString("description", said); });
        }

        if (!run.Out.IsJson)
            run.Out.Line("\nPaths are in Gofs, relative to the prompt's directory; what put reads and get writes is on this machine. help COMMAND says more.");
    }

    private static Task EndAsync(Invocation run)
    {
        if (run.Get(Code) is < 0 or > 255) throw new UsageException("an exit code is 0 to 255");
        run.Session.End(run.Get(Code));
        return Task.CompletedTask;
    }
}
