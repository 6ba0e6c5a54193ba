using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>ls.</summary>
internal static class ListCommand
{
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Long = new("-l") { Description = "Modes, owners, lengths and times too" };
    private static readonly Option<bool> Recursive = new("-R") { Description = "Directories below too" };
    private static readonly Option<bool> Human = new("-h") { Description = "Lengths in K, M, G" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("ls", "Lists directories") { Targets, Long, Recursive, Human }
        .Example("gofsctl ls gofs://demo/", "gofsctl ls -l -h demo:/share").Does(async run =>
        {
            foreach (var text in run.Get(Targets))
            {
                var target = Target.ParseRemoteOnly(text);
                var files = await run.FilesAsync(target);
                var entry = await files.StatAsync(target.Path, cancellation: run.Cancellation);
                if (entry.Type == EntryType.Directory) await ListAsync(run, files, target.Path, "");
                else Show(run, entry, target.Path, target.Path.ToString());
            }
        });

    private static async Task ListAsync(Invocation run, GofsNamespace files, GofsPath directory, string prefix)
    {
        List<GofsPath> below = [];
        await foreach (var entry in files.ListAsync(directory, run.Cancellation))
        {
            var path = directory.Append(entry.Name);
            Show(run, entry, path, prefix + entry.NameText);
            if (entry.Type == EntryType.Directory) below.Add(path);
        }

        if (!run.Get(Recursive)) return;
        foreach (var path in below) await ListAsync(run, files, path, $"{prefix}{path.NameText}/");
    }

    private static void Show(Invocation run, Entry entry, GofsPath path, string name)
    {
        if (run.Out.IsJson) run.Out.Json(json => Texts.Write(json, entry, path.ToString()));
        else run.Out.Line(run.Get(Long) ? Texts.Long(entry, name, run.Get(Human)) : name);
    }
}
