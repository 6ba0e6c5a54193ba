using System.CommandLine;
using System.Globalization;
using System.Text;
using Gofs.Cluster;

namespace Gofs.Ctl.Commands;

/// <summary>console user ls, set, rm.</summary>
internal static class ConsoleCommands
{
    private static readonly Argument<string> Name = new("NAME");
    private static readonly Option<string> Role = new("--role")
    {
        Description = "viewer, operator or admin", HelpName = "ROLE", DefaultValueFactory = _ => "viewer",
    };

    private static readonly Option<bool> Keep = new("--keep-password") { Description = "Only the role is changed" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("console", "The web console")
    {
        new Command("user", "Who may sign in to it, where it is not on loopback")
        {
            new Command("ls", "Lists them").Example("gofsctl console user ls").Does(async run =>
            {
                foreach (var user in await (await run.ConnectAsync()).ListConsoleUsersAsync(run.Cancellation)) Show(run, user);
            }),
            new Command("set", "Lets somebody sign in, or changes his role or password, which is read from standard input") { Name, Role, Keep }
                .Example("gofsctl console user set ada --role admin").Does(SetAsync),
            new Command("rm", "Lets somebody no longer sign in; who is signed in is out within seconds") { Name }.Example("gofsctl console user rm ada")
                .Does(async run => await (await run.ConnectAsync()).RemoveConsoleUserAsync(run.Get(Name), run.Cancellation)),
        },
    };

    private static async Task SetAsync(Invocation run)
    {
        if (!Enum.TryParse<ConsoleRole>(run.Get(Role), ignoreCase: true, out var role) || role == ConsoleRole.None || !Enum.IsDefined(role))
            throw new UsageException($"--role is viewer, operator or admin, not '{run.Get(Role)}'");
        var password = run.Get(Keep) ? null : await ReadPasswordAsync(run);
        await (await run.ConnectAsync()).SetConsoleUserAsync(run.Get(Name), role, password, run.Cancellation);
    }

    private static async Task<string> ReadPasswordAsync(Invocation run)
    {
        if (!Console.IsInputRedirected && !run.Session.IsScript) return Ask("Password: ") is var typed && typed == Ask("Again: ")
            ? typed
            : throw new UsageException("these are two different passwords");
        using var reader = new StreamReader(run.OpenInput(), Encoding.UTF8);
        var buffer = new char[ConsoleSecret.MostChars + 2];
        var count = await reader.ReadBlockAsync(buffer, run.Cancellation);
        return new string(buffer, 0, count).Split('\n')[0].TrimEnd('\r');
    }

    private static string Ask(string what)
    {
        Console.Error.Write(what);
        StringBuilder typed = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }

    private static void Show(Invocation run, ConsoleUser user) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture,
            $"{user.Name,-24} {user.Role.ToString().ToLowerInvariant(),-9} set by {user.ChangedBy} at {user.ChangedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"),
        json =>
        {
            json.WriteString("name", user.Name);
            json.WriteString("role", user.Role.ToString().ToLowerInvariant());
            json.WriteString("user", user.ChangedBy.User);
            json.WriteString("host", user.ChangedBy.Host);
            json.WriteString("at", user.ChangedAt);
        });
}
