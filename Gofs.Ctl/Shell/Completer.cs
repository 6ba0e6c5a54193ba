using System.CommandLine;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Shell;

/// <summary>What a word may become.</summary>
/// <param name="Start">Where the word begins in the line.</param>
/// <param name="Words">The whole words, as they mean, in <see cref="PathText"/> form; one that ends with '/' goes on.</param>
internal readonly record struct Completion(int Start, IReadOnlyList<string> Words);

/// <summary>
/// Completes the last word of a line: commands, options, namespaces, paths in Gofs and, in the shell, local ones (elsewhere
/// those are the login shell's business).
/// </summary>
internal sealed class Completer(Command root, Session session, IRemoteNames names)
{
    private const string Scheme = "gofs://";

    private enum Kind
    {
        Nothing,
        Remote,
        Local,
        Namespace,
        Command,
    }

    /// <summary>Completes.</summary>
    /// <param name="line">The line up to the cursor, without the program's name.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Completion> CompleteAsync(string line, CancellationToken cancellation)
    {
        var words = ShellWords.SplitTyped(line);
        var (last, start) = (words[^1].Text, words[^1].Start);
        var command = root;
        var (position, needsValue, free) = (0, false, false);
        foreach (var word in words.SkipLast(1).Select(word => word.Text))
        {
            if (needsValue) needsValue = false;
            else if (!free && word == "--") free = true;
            else if (!free && word.Length > 1 && word[0] == '-') needsValue = !word.Contains('=', StringComparison.Ordinal) && TakesValue(command, word);
            else if (position == 0 && command.Subcommands.FirstOrDefault(one => one.Name == word) is { } below) command = below;
            else position++;
        }

        if (needsValue) return new(start, []);
        if (!free && last.StartsWith('-')) return new(start, Matching(OptionNames(command), last));
        if (command.Subcommands.Count > 0 && position == 0)
            return new(start, Matching(command.Subcommands.Where(one => !one.Hidden).Select(one => one.Name), last));
        return new(start, await OfKindAsync(KindOf(command, position), last, cancellation));
    }

    private static Kind KindOf(Command command, int position)
    {
        var argument = command.Arguments.ElementAtOrDefault(position) ?? command.Arguments.LastOrDefault(one => one.Arity.MaximumNumberOfValues > 1);
        return (argument?.Name, position) switch
        {
            ("NAMESPACE", _) => Kind.Namespace,
            ("COMMAND", _) => Kind.Command,
            ("FROM... TARGET", 0) => Kind.Local,
            ("TARGET... TO", > 0) => Kind.Local,
            ("TARGET" or "FROM... TO" or "FROM... TARGET" or "TARGET... TO", _) => Kind.Remote,
            _ => Kind.Nothing,
        };
    }

    private async Task<IReadOnlyList<string>> OfKindAsync(Kind kind, string word, CancellationToken cancellation) => kind switch
    {
        Kind.Namespace => Matching(await names.NamespacesAsync(cancellation), word),
        Kind.Command => Matching(root.Subcommands.Where(one => !one.Hidden).Select(one => one.Name), word),
        Kind.Remote => await RemoteAsync(word, cancellation),
        Kind.Local when session.IsShell => LocalNames.StartingWith(word),
        _ => [],
    };

    private async Task<IReadOnlyList<string>> RemoteAsync(string word, CancellationToken cancellation)
    {
        if (word.StartsWith(Scheme, StringComparison.Ordinal) && word.IndexOf('/', Scheme.Length) < 0)
            return Matching((await names.NamespacesAsync(cancellation)).Select(name => $"{Scheme}{name}/"), word);
        List<string> found = [];
        var slash = word.LastIndexOf('/');
        if (slash < 0) found.AddRange(Matching((await names.NamespacesAsync(cancellation)).Select(name => $"{name}:/"), word));
        var (head, tail) = (word[..(slash + 1)], word[(slash + 1)..]);
        if (Directory(head) is not { } directory) return found;
        foreach (var one in await names.NamesAsync(directory.Namespace!, directory.Path, cancellation))
        {
            if (!one.Name.StartsWith(tail, StringComparison.Ordinal) || tail.Length == 0 && one.Name[0] == '.') continue;
            found.Add($"{head}{one.Name}{(one.IsDirectory ? "/" : "")}");
        }

        return found;
    }

    /// <summary>The directory a word's head names, or null when it names none.</summary>
    private Target? Directory(string head)
    {
        try
        {
            return head.Length == 0 ? session.Here : Target.ParseRemoteOnly(head, session.Base);
        }
        catch (Exception wrong) when (wrong is GofsException or UsageException)
        {
            return null;
        }
    }

    private bool TakesValue(Command command, string word) => Options(command)
        .FirstOrDefault(one => one.Name == word || one.Aliases.Contains(word)) is { Arity.MinimumNumberOfValues: > 0 };

    private IEnumerable<Option> Options(Command command) => command.Options.Concat(root.Options.Where(one => one.Recursive)).Distinct();

    private IEnumerable<string> OptionNames(Command command) =>
        Options(command).Where(one => !one.Hidden).SelectMany(one => one.Aliases.Prepend(one.Name)).Where(name => name[0] == '-').Distinct();

    private static List<string> Matching(IEnumerable<string> all, string word) =>
        [.. all.Where(one => one.StartsWith(word, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
