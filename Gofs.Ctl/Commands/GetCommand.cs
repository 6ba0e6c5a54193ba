using System.CommandLine;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;
using Gofs.Ctl.Transfer;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>get.</summary>
internal static class GetCommand
{
    private static readonly Argument<string> From = new("TARGET");
    private static readonly Argument<string> To = new("TO") { Description = "A local path, or - for standard output" };
    private static readonly Option<bool> Recursive = new("-r")
    {
        Description = "A directory with all that is in it: TO becomes its copy; asked again it goes on",
    };
    private static readonly Option<int> AtOnce = new("-j") { Description = "Files at once", DefaultValueFactory = _ => 32 };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("get", "Copies files out of Gofs, with modes, owners, times and symlinks") { From, To, Recursive, AtOnce }
        .Example("gofsctl get demo:/docs/report.pdf .", "gofsctl get -r gofs://demo/share /tmp/share").Does(async run =>
        {
            var from = Target.ParseRemoteOnly(run.Get(From));
            var to = Target.Parse(run.Get(To));
            if (to.IsRemote) throw new UsageException("get copies to this machine; cp copies within Gofs");
            if (run.Get(AtOnce) is < 1 or > 1024) throw new UsageException("-j is 1 to 1024");
            var files = await run.FilesAsync(from);
            if (to.IsStandardStream)
            {
                await files.GetAsync(from.Path, run.Out.Bytes, cancellation: run.Cancellation);
                return;
            }

            var entry = await files.StatAsync(from.Path, cancellation: run.Cancellation);
            if (entry.Type == EntryType.Directory)
            {
                if (!run.Get(Recursive)) throw new UsageException($"{from} is a directory: add -r");
                using var progress = new Progress();
                await new GetTree(run, files, run.Get(AtOnce), progress).CopyAsync(from.Path, to.Local);
                return;
            }

            var inside = LocalTree.Find(to.Local, follow: true)?.Type == EntryType.Directory;
            await GetTree.GetFileAsync(files, from.Path, inside ? to.Local.Append(from.Path.Name) : to.Local, entry, run.Cancellation);
        });
}
