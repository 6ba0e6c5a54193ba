using System.CommandLine;

namespace Gofs.Ctl.CommandLine;

/// <summary>Puts commands together.</summary>
internal static class CommandExtensions
{
    /// <summary>What the command does; its exit code is the invocation's.</summary>
    public static Command Does(this Command command, Func<Invocation, Task> action)
    {
        command.SetAction(async (parse, cancellation) =>
        {
            var session = ((SessionConfiguration)parse.InvocationConfiguration).Session;
            await using var invocation = new Invocation(parse, session, cancellation);
            await action(invocation);
            return invocation.ExitCode;
        });
        return command;
    }

    /// <summary>Adds examples to the help.</summary>
    public static Command Example(this Command command, params string[] lines)
    {
        command.Description += $"{Environment.NewLine}{Environment.NewLine}Examples:{string.Concat(lines.Select(line => $"{Environment.NewLine}  {line}"))}";
        return command;
    }
}
