using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>find.</summary>
internal static class FindCommand
{
    private static readonly Argument<string[]> Targets = new("TARGET")
    {
        Description = "Without one: the shell's directory", Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Name = new("--name", "-name") { Description = "Only names like this: * ? [a-z], \\ before one that is meant" };
    private static readonly Option<string?> Type = new("--type", "-type") { Description = "Only f (files), d (directories) or l (symlinks); several with commas" };
    private static readonly Option<string?> Size = new("--size", "-size") { Description = "Only files of N bytes, +N more, -N fewer (K, M, G)" };
    private static readonly Option<int> Depth = new("--maxdepth", "-maxdepth")
    {
        Description = "How many levels below", DefaultValueFactory = _ => int.MaxValue,
    };

    private static readonly Option<bool> Nul = new("-0", "--print0", "-print0") { Description = "End each with a NUL byte instead of a newline" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("find", "Lists a target and what is below it, each with its path")
        { Targets, Name, Type, Size, Depth, Nul, TreeReads.StaleOk }
        .Example("gofsctl find demo:/ --name '*.txt' --type f", "gofsctl find demo:/share --size +100M").Does(FindAsync);

    private static Task FindAsync(Invocation run)
    {
        var types = run.Get(Type)?.Split(',');
        if (types?.FirstOrDefault(type => type is not ("f" or "d" or "l")) is { } wrong) throw new UsageException($"--type is f, d or l, not '{wrong}'");
        SizeTest? size = run.Get(Size) is { } text ? SizeTest.Parse(text) : null;
        var name = run.Get(Name);
        if (run.Get(Depth) < 0) throw new UsageException("--maxdepth is not negative");
        return run.EachAsync(run.RemotesOrHere(run.Get(Targets)), async target =>
        {
            var files = await run.ReadsAsync(target);
            var top = await files.StatAsync(target.Path, followLast: false, run.Cancellation);
            Visit(target.Path, top);
            if (top.Type != EntryType.Directory) return;
            await Walk.BelowAsync(files.ListAsync, target.Path, (path, entry) =>
            {
                Visit(path, entry);
                return Task.CompletedTask;
            }, run.Cancellation, run.Get(Depth));

            void Visit(GofsPath path, Entry entry)
            {
                var letter = entry.Type switch { EntryType.Directory => "d", EntryType.Symlink => "l", _ => "f" };
                if (types is not null && !types.Contains(letter)) return;
                if (size is { } wanted && (entry.Type != EntryType.File || !wanted.Holds(entry.LengthBytes))) return;
                if (name is not null && !Glob.IsMatch(name, PathText.Decode(path.IsRoot ? "/"u8 : path.Name))) return;
                var at = target.At(path);
                if (run.Out.IsJson) run.Out.Json(json => EntryJson.Write(json, entry, at));
                else if (run.Get(Nul)) run.Out.Text(at.Text, '\0');
                else run.Out.Line(run.Out.Name(at.Text));
            }
        });
    }
}
