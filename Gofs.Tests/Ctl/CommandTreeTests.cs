using System.CommandLine;
using Gofs.Ctl.Commands;
using Gofs.Tests.House;
using Xunit;

namespace Gofs.Tests.Ctl;

/// <summary>What holds for every command.</summary>
public sealed class CommandTreeTests
{
    [Fact]
    public void EveryCommand_SaysWhatItDoes_WithAnExample() => Rule.Holds("a command that does something has an example in its help",
        All(AllCommands.MakeRoot()).Concat(All(AllCommands.MakeShellRoot()))
            .Where(command => command is { Hidden: false, Subcommands.Count: 0 }
                && command.Description?.Contains("Examples:", StringComparison.Ordinal) != true)
            .Select(command => command.Name));

    [Fact]
    public void EveryOption_SaysWhatItDoes() => Rule.Holds("an option has a description",
        All(AllCommands.MakeRoot()).SelectMany(command => command.Options.Where(option => string.IsNullOrEmpty(option.Description))
            .Select(option => $"{command.Name} {option.Name}")));

    [Fact]
    public void EveryCommand_IsInTheManual()
    {
        var manual = Repository.Read("docs/gofsctl.md");
        var root = AllCommands.MakeRoot();
        Rule.Holds("docs/gofsctl.md tells every command and every option", All(root).Where(command => !command.Hidden && command != root)
            .SelectMany(command => command.Options.Select(option => option.Name).Prepend(command.Name))
            .Distinct().Where(name => !manual.Contains(name.StartsWith('-') ? name : $"`{name}", StringComparison.Ordinal)
                && !manual.Contains($" {name}", StringComparison.Ordinal)));
    }

    private static IEnumerable<Command> All(Command root) => root.Subcommands.SelectMany(All).Prepend(root);
}
