using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Gofs.Ctl.Local;

namespace Gofs.Ctl.CommandLine;

/// <summary>Runs one command line: whatever happens becomes an exit code, and a failure one clear line on standard error.</summary>
internal static class CommandRunner
{
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Parses and runs.</summary>
    public static async Task<int> RunAsync(Command root, IReadOnlyList<string> arguments, Session session, CancellationToken cancellation)
    {
        try
        {
            var parse = root.Parse(arguments, Parsing);
            if (parse.Action is ParseErrorAction) throw new UsageException(Complaint(parse));
            if (MistypedOption(parse) is { } option)
                throw new UsageException($"there is no option {option} here; write -- before names that begin with '-'{Hint(parse)}");
            return await parse.InvokeAsync(new SessionConfiguration(session), cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception failed) when (failed is GofsException or UsageException or LocalFileException)
        {
            await Console.Error.WriteLineAsync($"gofsctl: {Texts.Line(failed)}");
            return failed is GofsException known ? ExitCodes.Of(known.Error) : ExitCodes.Usage;
        }
        catch (IOException broken) when (broken.HResult == LibC.BrokenPipe)
        {
            return ExitCodes.Done;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"gofsctl: {Texts.Visible(failed.Message)}");
            return ExitCodes.Usage;
        }
        catch (Exception fault)
        {
            await Console.Error.WriteLineAsync($"gofsctl: a fault in gofsctl, please report it: {Texts.Visible(fault.ToString())}");
            return ExitCodes.Of(GofsError.Internal);
        }
    }

    private static string Complaint(ParseResult parse)
    {
        if (parse.CommandResult.Command is { Subcommands.Count: > 0 } command)
        {
            var given = parse.UnmatchedTokens.Count > 0 ? parse.UnmatchedTokens[0] : null;
            return given is null ? $"a command is missing{Hint(parse)}" : $"there is no command '{given}'{Hint(parse, command)}";
        }

        return parse.Errors[0].Message.TrimEnd('.') + Hint(parse);
    }

    private static string Hint(ParseResult parse, Command? command = null)
    {
        List<string> names = [];
        for (SymbolResult? at = parse.GetResult(command ?? parse.CommandResult.Command); at?.Parent is not null; at = at.Parent)
            if (at is CommandResult one) names.Insert(0, one.Command.Name);
        return $" (see gofsctl {string.Concat(names.Select(name => name + " "))}--help)";
    }

    /// <summary>The parser takes an option nobody knows for an argument; a name that begins with '-' comes after "--".</summary>
    private static string? MistypedOption(ParseResult parse)
    {
        var free = false;
        var arguments = parse.CommandResult.Children.OfType<ArgumentResult>()
            .Where(one => one.Argument.Name is not ("MODE" or "LINE")).SelectMany(one => one.Tokens).ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var token in parse.Tokens)
        {
            if (token.Type == TokenType.DoubleDash) free = true;
            else if (!free && token.Value.Length > 1 && token.Value[0] == '-' && arguments.Contains(token)) return token.Value;
        }

        return null;
    }
}
