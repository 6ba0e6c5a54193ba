using System.CommandLine;
using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;
using Gofs.Ctl.Transfer;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>put.</summary>
internal static class PutCommand
{
    private static readonly Argument<string> From = new("FROM") { Description = "A local file, directory (with -r) or - for standard input" };
    private static readonly Argument<string> To = new("TARGET");
    private static readonly Option<bool> Recursive = new("-r")
    {
        Description = "A directory with all that is in it: TARGET becomes its copy; asked again it goes on",
    };
    private static readonly Option<int> AtOnce = new("-j") { Description = "Files at once", DefaultValueFactory = _ => 64 };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("put", "Copies local files into Gofs, with modes, owners, times and symlinks") { From, To, Recursive, AtOnce }
        .Example("gofsctl put report.pdf demo:/docs/", "gofsctl put -r /usr/share gofs://demo/share",
            "tar c . | gofsctl put - demo:/backup.tar").Does(async run =>
        {
            var target = Target.ParseRemoteOnly(run.Get(To));
            var from = Target.Parse(run.Get(From));
            if (from.IsRemote) throw new UsageException("put copies from this machine; cp copies within Gofs");
            if (run.Get(AtOnce) is < 1 or > 1024) throw new UsageException("-j is 1 to 1024");
            var files = await run.FilesAsync(target);
            if (from.IsStandardStream)
            {
                await files.PutAsync(target.Path, Console.OpenStandardInput(), cancellation: run.Cancellation);
                return;
            }

            var attributes = LocalTree.Stat(from.Local, follow: true);
            if (attributes.Type == EntryType.Directory)
            {
                if (!run.Get(Recursive)) throw new UsageException($"{from} is a directory: add -r");
                using var progress = new Progress();
                await new PutTree(run, files, run.Get(AtOnce), progress).CopyAsync(from.Local, target.Path);
                return;
            }

            var inside = target.EndsWithSlash || (await files.FindAsync(target.Path, cancellation: run.Cancellation))?.Type == EntryType.Directory;
            await PutTree.PutFileAsync(files, from.Local, inside ? target.Path.Append(from.Local.Name) : target.Path, attributes, run.Cancellation);
        });
}
