using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>ls.</summary>
internal static class ListCommand
{
    private static readonly Argument<string[]> Targets = new("TARGET")
    {
        Description = "Without one: the shell's directory, else the namespaces", Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Long = new("-l") { Description = "Modes, links, owners, groups, lengths and times (UTC) too" };
    private static readonly Option<bool> Recursive = new("-R", "--recursive") { Description = "Directories below too, each name with its path" };
    private static readonly Option<bool> Human = new("-h", "--human") { Description = "Lengths in K, M, G" };
    private static readonly Option<bool> Itself = new("-d", "--directory") { Description = "Directories themselves, not what is in them" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("ls", "Lists directories and files") { Targets, Long, Recursive, Human, Itself, TreeReads.StaleOk }
        .Example("gofsctl ls gofs://demo/", "gofsctl ls -lh demo:/share demo:/docs/report.pdf", "gofsctl ls -lR demo:/ --json").Does(ListAsync);

    private static async Task ListAsync(Invocation run)
    {
        var texts = run.Get(Targets);
        if (texts.Length == 0 && run.Session.Here is null)
        {
            foreach (var one in await (await run.ConnectAsync()).ListNamespacesAsync(run.Cancellation))
                run.Out.Show(Target.OfNamespace(one.Name).Text, json => { json.WriteString("namespace", one.Name); json.WriteNumber("number", one.Number); });
            return;
        }

        // As ls does: files first, then directories, with a heading each when there are several targets.
        var targets = run.RemotesOrHere(texts);
        var table = new EntryTable(run.Out, run.Get(Human));
        List<Target> directories = [];
        await run.EachAsync(targets, async target =>
        {
            var files = await run.ReadsAsync(target);
            var itself = run.Get(Itself);
            var entry = await files.StatAsync(target.Path, followLast: !itself && !run.Get(Long), run.Cancellation);
            if (entry.Type == EntryType.Symlink && !itself && target.EndsWithSlash) entry = await files.StatAsync(target.Path, cancellation: run.Cancellation);
            if (entry.Type == EntryType.Directory && !itself) directories.Add(target);
            else Show(run, table, entry, target, target.Text);
        });
        table.Flush();
        var isFirst = directories.Count == targets.Length && run.ExitCode == ExitCodes.Done;
        await run.EachAsync(directories, async target =>
        {
            if (targets.Length > 1 && !run.Out.IsJson)
            {
                if (!isFirst) run.Out.Line("");
                run.Out.Line($"{run.Out.Name(target.Text)}:");
                isFirst = false;
            }

            await DirectoryAsync(run, new EntryTable(run.Out, run.Get(Human)), await run.ReadsAsync(target), target);
        });
    }

    private static async Task DirectoryAsync(Invocation run, EntryTable table, TreeReads files, Target directory)
    {
        var top = directory.Path;
        var skip = top.IsRoot ? 1 : top.Bytes.Length + 1;
        try
        {
            await Walk.BelowAsync(files.ListAsync, top, (path, entry) =>
            {
                Show(run, table, entry, directory.At(path), PathText.Decode(path.Bytes[skip..]));
                return Task.CompletedTask;
            }, run.Cancellation, run.Get(Recursive) ? int.MaxValue : 1);
        }
        finally
        {
            table.Flush();
        }
    }

    private static void Show(Invocation run, EntryTable table, Entry entry, Target at, string name)
    {
        if (run.Out.IsJson) run.Out.Json(json => EntryJson.Write(json, entry, at));
        else if (run.Get(Long)) table.Add(entry, name);
        else run.Out.Line(run.Out.Name(name));
    }
}
