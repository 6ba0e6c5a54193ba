using System.CommandLine;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;
using Gofs.Ctl.Transfer;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>get.</summary>
internal static class GetCommand
{
    private static readonly Argument<string[]> Paths = new("TARGET... TO")
    {
        Description = "Files or directories (with -r) in Gofs; a local path, or - for standard output", Arity = new(2, 100_000),
    };

    private static readonly Option<bool> Recursive = new("-r", "--recursive")
    {
        Description = "Directories with all that is in them: TO becomes the copy of one; asked again it goes on",
    };

    private static readonly Option<int> AtOnce = new("-j") { Description = "Files at once", DefaultValueFactory = _ => 32 };
    private static readonly Option<bool> Quiet = new("-q", "--quiet") { Description = "No progress bar" };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("get", "Copies files out of Gofs, with modes, owners, times and symlinks") { Paths, Recursive, AtOnce, Quiet }
        .Example("gofsctl get demo:/docs/report.pdf .", "gofsctl get -r gofs://demo/share /tmp/share", "gofsctl get demo:/backup.tar - | tar x").Does(GetAsync);

    private static async Task GetAsync(Invocation run)
    {
        var paths = run.Get(Paths);
        if (run.Get(AtOnce) is < 1 or > 1024) throw new UsageException("-j is 1 to 1024");
        var froms = paths[..^1].Select(run.Remote).ToArray();
        var to = run.LocalOnly(paths[^1], "get copies to this machine; cp copies within Gofs");
        if (to.IsStandardStream)
        {
            await run.EachAsync(froms, async from =>
                await (await run.FilesAsync(from)).GetAsync(from.Path, run.Out.Bytes, cancellation: run.Cancellation));
            return;
        }

        var isDirectory = LocalTree.Find(to.Local, follow: true)?.Type == EntryType.Directory;
        if (!isDirectory && (froms.Length > 1 || to.EndsWithSlash && !run.Get(Recursive))) throw new UsageException($"{to} is no directory");
        await using var progress = Progress.Start(run, run.Get(Quiet), "get");
        foreach (var from in froms)
        {
            try
            {
                await GetOneAsync(run, from, to, isDirectory, froms.Length > 1, progress);
            }
            catch (Exception failed) when (froms.Length > 1 && failed is GofsException or LocalFileException or UsageException && !Invocation.EndsAll(failed))
            {
                run.Fail(failed);
            }
        }
    }

    private static async Task GetOneAsync(Invocation run, Target from, Target to, bool isDirectory, bool several, Progress progress)
    {
        var files = await run.FilesAsync(from);
        var entry = await files.StatAsync(from.Path, cancellation: run.Cancellation);
        if (entry.Type == EntryType.Directory)
        {
            if (!run.Get(Recursive)) throw new UsageException($"{from} is a directory: add -r");
            using var tree = new GetTree(run, files, run.Get(AtOnce), progress);
            await tree.CopyAsync(from.Path, several || to.EndsWithSlash && isDirectory && !from.Path.IsRoot ? to.Local.Append(from.Path.Name) : to.Local);
            return;
        }

        progress.TotalBytes = Math.Max(0, progress.TotalBytes) + entry.LengthBytes;
        await GetTree.GetFileAsync(files, from.Path, isDirectory ? to.Local.Append(from.Path.Name) : to.Local, entry, progress, run.Cancellation);
    }
}
