using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Ctl.Transfer;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>mv, cp, clone.</summary>
internal static class MoveCommands
{
    private const int MostTargets = 100_000;

    private static readonly Argument<string[]> Paths = new("FROM... TO")
    {
        Description = "What, and where to; into TO when that is a directory", Arity = new(2, MostTargets),
    };

    private static readonly Option<bool> NoReplace = new("-n", "--no-clobber") { Description = "Replace nothing" };
    private static readonly Option<bool> Recursive = new("-r", "-R", "--recursive") { Description = "Directories with all that is in them" };
    private static readonly Option<int> AtOnce = new("-j") { Description = "Files at once", DefaultValueFactory = _ => 32 };
    private static readonly Option<bool> Quiet = new("-q", "--quiet") { Description = "No progress bar" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("mv", "Moves names, each atomically; into TO when that is a directory") { Paths, NoReplace }
            .Example("gofsctl mv demo:/a demo:/b", "gofsctl mv demo:/a demo:/b demo:/dir/").Does(MoveAsync),
        new Command("cp", "Copies files and trees within or between namespaces; into TO when that is a directory")
            { Paths, Recursive, NoReplace, AtOnce, Quiet }
            .Example("gofsctl cp demo:/a other:/b", "gofsctl cp -r demo:/dir demo:/copy").Does(CopyAsync),
        new Command("clone", "Clones files and trees within a namespace: at once, and bytes are copied when one side writes to them; into TO when that is a directory")
            { Paths }
            .Example("gofsctl clone demo:/dir demo:/before-the-change").Does(CloneAsync),
    ];

    private static async Task MoveAsync(Invocation run)
    {
        if (run.Get(Paths).Select(run.Remote).DistinctBy(path => path.Namespace).Skip(1).Any())
            throw new UsageException("a name does not move between namespaces: copy it and remove it");
        var (froms, to, isDirectory) = await PlacesAsync(run);
        var files = await run.FilesAsync(to);
        await run.EachAsync(froms, async from =>
        {
            var path = Inside(to, isDirectory, from);
            if (path == from.Path) throw new UsageException($"{from} and its new name are the same");
            await files.RenameAsync(from.Path, path, run.Get(NoReplace), run.Cancellation);
        });
    }

    private static async Task CloneAsync(Invocation run)
    {
        if (run.Get(Paths).Select(run.Remote).DistinctBy(path => path.Namespace).Skip(1).Any())
            throw new UsageException("a clone is in the namespace of what it is made of: copy to another");
        var (froms, to, isDirectory) = await PlacesAsync(run);
        var files = await run.FilesAsync(to);
        await run.EachAsync(froms, from => files.CloneAsync(from.Path, Inside(to, isDirectory, from), run.Cancellation));
    }

    private static async Task CopyAsync(Invocation run)
    {
        if (run.Get(AtOnce) is < 1 or > 1024) throw new UsageException("-j is 1 to 1024");
        var (froms, to, isDirectory) = await PlacesAsync(run);
        await using var progress = Progress.Start(run, run.Get(Quiet), "cp");
        await run.EachAsync(froms, from => CopyOneAsync(run, from, to, Inside(to, isDirectory, from), progress));
    }

    private static async Task CopyOneAsync(Invocation run, Target from, Target to, GofsPath path, Progress progress)
    {
        var (source, destination) = (await run.FilesAsync(from), await run.FilesAsync(to));
        var entry = await source.StatAsync(from.Path, cancellation: run.Cancellation);
        var isInside = from.Namespace == to.Namespace && IsAtOrBelow(path, from.Path);
        if (isInside && path == from.Path) throw new GofsException(GofsError.NotPermitted, "it and its copy are the same", from.Path.ToString());
        if (run.Get(NoReplace) && await destination.FindAsync(path, followLast: false, run.Cancellation) is not null)
            throw new GofsException(GofsError.AlreadyExists, "something is there already", path.ToString());
        if (entry.Type != EntryType.Directory)
        {
            progress.TotalBytes = Math.Max(0, progress.TotalBytes) + entry.LengthBytes;
            await CopyTree.CopyFileAsync(source, destination, from.Path, path, entry, progress, run.Cancellation);
            return;
        }

        if (!run.Get(Recursive)) throw new GofsException(GofsError.IsADirectory, "it is a directory: add -r", from.Path.ToString());
        if (isInside) throw new GofsException(GofsError.NotPermitted, "a directory is not copied into itself", from.Path.ToString());
        using var tree = new CopyTree(run, source, destination, run.Get(AtOnce), progress);
        await tree.CopyAsync(from.Path, path, entry);
    }

    private static async Task<(Target[] From, Target To, bool IsDirectory)> PlacesAsync(Invocation run)
    {
        var paths = run.Get(Paths);
        var to = run.Remote(paths[^1]);
        var froms = paths[..^1].Select(run.Remote).ToArray();
        var there = await (await run.FilesAsync(to)).FindAsync(to.Path, cancellation: run.Cancellation);
        var isDirectory = there?.Type == EntryType.Directory;
        if (!isDirectory && (froms.Length > 1 || to.EndsWithSlash && there is not null))
            throw new GofsException(GofsError.NotADirectory, "it is not a directory", to.Path.ToString());
        return (froms, to, isDirectory);
    }

    private static GofsPath Inside(Target to, bool isDirectory, Target from) =>
        isDirectory && !from.Path.IsRoot ? to.Path.Append(from.Path.Name) : to.Path;

    private static bool IsAtOrBelow(GofsPath path, GofsPath top) =>
        top.IsRoot || path.Bytes.StartsWith(top.Bytes) && (path.Bytes.Length == top.Bytes.Length || path.Bytes[top.Bytes.Length] == (byte)'/');
}
