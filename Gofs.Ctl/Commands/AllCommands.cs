using System.CommandLine;

namespace Gofs.Ctl.Commands;

/// <summary>Every command there is.</summary>
internal static class AllCommands
{
    /// <summary>The command line of a process.</summary>
    public static RootCommand MakeRoot() => With(
        new RootCommand("Operates a Gofs file system. Targets are gofs://NAMESPACE/PATH or NAMESPACE:/PATH. Exit codes: docs/gofsctl.md.")
        {
            GlobalOptions.Gateway, GlobalOptions.Timeout, GlobalOptions.ConnectTimeout, GlobalOptions.Json,
        },
        [.. Files(), .. Others(), ShellCommand.Make(), CompletionCommands.Make(), CompletionCommands.MakeHidden()]);

    /// <summary>The command line of the shell: what a process has and what moves about.</summary>
    public static Command MakeShellRoot() => With(
        new Command("gofs") { GlobalOptions.Json, new System.CommandLine.Help.HelpOption() },
        [.. Files(), .. Others(), .. ShellVerbs.Make()]);

    private static IEnumerable<Command> Files() =>
    [
        ListCommand.Make(), PutCommand.Make(), GetCommand.Make(), AppendCommand.Make(), .. ReadCommands.Make(), .. MoveCommands.Make(),
        .. ChangeCommands.Make(), GoalCommand.Make(), .. LinkCommands.Make(), .. LookCommands.Make(), FindCommand.Make(), AttributeCommands.Make(),
        TrashCommands.Make(),
    ];

    private static IEnumerable<Command> Others() =>
    [
        NamespaceCommands.Make(), .. StatusCommands.Make(), EditLogCommands.Make(), MetaCommands.Make(), DrainCommand.Make(), FsckCommand.Make(),
        ScrubCommands.Make(), LeaseCommands.Make(), ConfigCommands.Make(), QuotaCommands.Make(), AuditCommand.Make(), ConsoleCommands.Make(),
        DoctorCommand.Make(), BenchCommands.Make(),
    ];

    private static T With<T>(T root, IEnumerable<Command> commands) where T : Command
    {
        foreach (var command in commands) root.Add(command);
        return root;
    }
}
