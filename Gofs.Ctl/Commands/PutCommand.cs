using System.CommandLine;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;
using Gofs.Ctl.Transfer;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>put.</summary>
internal static class PutCommand
{
    private static readonly Argument<string[]> Paths = new("FROM... TARGET")
    {
        Description = "Local files, directories (with -r) or - for standard input; where to in Gofs", Arity = new(2, 100_000),
    };

    private static readonly Option<bool> Recursive = new("-r", "--recursive")
    {
        Description = "Directories with all that is in them: TARGET becomes the copy of one; asked again it goes on",
    };

    private static readonly Option<int> AtOnce = new("-j") { Description = "Files at once", DefaultValueFactory = _ => 64 };
    private static readonly Option<bool> Quiet = new("-q", "--quiet") { Description = "No progress bar" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("put", "Copies local files into Gofs, with modes, owners, times and symlinks")
        { Paths, Recursive, AtOnce, Quiet }
        .Example("gofsctl put report.pdf demo:/docs/", "gofsctl put *.txt demo:/texts/", "gofsctl put -r /usr/share gofs://demo/share",
            "tar c . | gofsctl put - demo:/backup.tar").Does(PutAsync);

    private static async Task PutAsync(Invocation run)
    {
        var paths = run.Get(Paths);
        if (run.Get(AtOnce) is < 1 or > 1024) throw new UsageException("-j is 1 to 1024");
        var target = run.Remote(paths[^1]);
        var froms = paths[..^1].Select(text => run.LocalOnly(text, "put copies from this machine; cp copies within Gofs")).ToArray();
        var files = await run.FilesAsync(target);
        var intoDirectory = target.EndsWithSlash || froms.Length > 1;
        var isDirectory = (await files.FindAsync(target.Path, cancellation: run.Cancellation))?.Type == EntryType.Directory;
        if (froms.Length > 1 && !isDirectory) throw new UsageException($"{target} is no directory: several files go into one");
        var isTyped = froms.Any(from => from.IsStandardStream) && LibC.IsTerminal(0) == 1;
        await using var progress = Progress.Start(run, run.Get(Quiet) || isTyped, "put");
        foreach (var from in froms)
        {
            try
            {
                await PutOneAsync(run, files, from, target, intoDirectory, isDirectory, progress);
            }
            catch (Exception failed) when (froms.Length > 1 && failed is GofsException or LocalFileException or UsageException && !Invocation.EndsAll(failed))
            {
                run.Fail(failed);
            }
        }
    }

    private static async Task PutOneAsync(
        Invocation run, GofsNamespace files, Target from, Target target, bool intoDirectory, bool isDirectory, Progress progress)
    {
        if (from.IsStandardStream)
        {
            await files.PutAsync(target.Path, run.OpenInput(), progress: progress.File(), cancellation: run.Cancellation);
            return;
        }

        var attributes = LocalTree.Stat(from.Local, follow: true);
        var inside = intoDirectory || isDirectory && attributes.Type != EntryType.Directory;
        var to = inside && from.Local.Name.Length > 0 ? target.Path.Append(from.Local.Name) : target.Path;
        if (attributes.Type == EntryType.Directory)
        {
            if (!run.Get(Recursive)) throw new UsageException($"{from} is a directory: add -r");
            using var tree = new PutTree(run, files, run.Get(AtOnce), progress);
            await tree.CopyAsync(from.Local, to);
            return;
        }

        if (attributes.Type == EntryType.File) progress.TotalBytes = Math.Max(0, progress.TotalBytes) + attributes.LengthBytes;
        await PutTree.PutFileAsync(files, from.Local, to, attributes, progress, run.Cancellation);
    }
}
