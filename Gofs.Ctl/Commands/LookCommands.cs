using System.CommandLine;
using System.IO.Enumeration;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>stat, tree, du, find.</summary>
internal static class LookCommands
{
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> One = new("TARGET");
    private static readonly Option<bool> Human = new("-h") { Description = "Sizes in K, M, G" };
    private static readonly Option<string?> Name = new("--name") { Description = "Only names like this (* and ?)" };
    private static readonly Option<string?> Type = new("--type") { Description = "Only f (files), d (directories) or l (symlinks)" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("stat", "Shows what is known of a name (a symlink itself)") { Targets }.Example("gofsctl stat demo:/file").Does(async run =>
        {
            foreach (var target in run.Get(Targets).Select(text => Target.ParseRemoteOnly(text)))
            {
                var entry = await (await run.FilesAsync(target)).StatAsync(target.Path, followLast: false, run.Cancellation);
                run.Out.Show(
                    $"{target}{Environment.NewLine}  inode {entry.Inode}  {Texts.Long(entry, "", human: false).TrimEnd()}{(entry.IsOpenForWriting ? "  open for writing" : "")}",
                    json => Texts.Write(json, entry, target.Path.ToString()));
            }
        }),
        new Command("du", "Counts names and bytes below") { Targets, Human }.Example("gofsctl du -h demo:/share").Does(async run =>
        {
            foreach (var target in run.Get(Targets).Select(text => Target.ParseRemoteOnly(text)))
            {
                var count = await (await run.FilesAsync(target)).CountAsync(target.Path, run.Cancellation);
                run.Out.Show(
                    $"{Texts.Size(count.LengthBytes, run.Get(Human))}\t{count.Files} files, {count.Directories} directories, {count.Symlinks} symlinks\t{target}",
                    json =>
                    {
                        json.WriteString("path", target.ToString());
                        json.WriteNumber("lengthBytes", count.LengthBytes);
                        json.WriteNumber("files", count.Files);
                        json.WriteNumber("directories", count.Directories);
                        json.WriteNumber("symlinks", count.Symlinks);
                    });
            }
        }),
        new Command("tree", "Shows a tree") { One }.Example("gofsctl tree demo:/").Does(async run =>
        {
            var target = Target.ParseRemoteOnly(run.Get(One));
            run.Out.Line(target.ToString());
            await WalkAsync(run, await run.FilesAsync(target), target.Path, 1, (entry, path, depth) =>
                run.Out.Show(
                    $"{new string(' ', depth * 2)}{entry.NameText}{(entry.Type == EntryType.Directory ? "/" : "")}", json => Texts.Write(json, entry, path.ToString())));
        }),
        new Command("find", "Lists what is below, with its path") { One, Name, Type }.Example("gofsctl find demo:/ --name '*.txt' --type f").Does(FindAsync),
    ];

    private static async Task FindAsync(Invocation run)
    {
        var target = Target.ParseRemoteOnly(run.Get(One));
        var (name, type) = (run.Get(Name), run.Get(Type));
        if (type is not (null or "f" or "d" or "l")) throw new UsageException($"--type is f, d or l, not '{type}'");
        await WalkAsync(run, await run.FilesAsync(target), target.Path, 1, (entry, path, _) =>
        {
            var letter = entry.Type switch { EntryType.Directory => "d", EntryType.Symlink => "l", _ => "f" };
            if ((type is null || type == letter) && (name is null || FileSystemName.MatchesSimpleExpression(name, entry.NameText, ignoreCase: false)))
                run.Out.Show(Target.Show(target.Namespace!, path), json => Texts.Write(json, entry, path.ToString()));
        });
    }

    private static async Task WalkAsync(Invocation run, GofsNamespace files, GofsPath directory, int depth, Action<Entry, GofsPath, int> visit)
    {
        await foreach (var entry in files.ListAsync(directory, run.Cancellation))
        {
            var path = directory.Append(entry.Name);
            visit(entry, path, depth);
            if (entry.Type == EntryType.Directory) await WalkAsync(run, files, path, depth + 1, visit);
        }
    }
}
