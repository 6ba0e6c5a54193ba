using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>ln -s, readlink.</summary>
internal static class LinkCommands
{
    private static readonly Argument<string> Says = new("TEXT") { Description = "What the symlink says, as it is: a path in the same namespace" };
    private static readonly Argument<string> Name = new("TARGET") { Description = "The symlink; into TARGET when that is a directory" };
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Option<bool> Symbolic = new("-s", "--symbolic") { Description = "A symlink; there are no others" };
    private static readonly Option<bool> Force = new("-f", "--force") { Description = "Replace a file or symlink that is there" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("ln", "Makes a symlink") { Says, Name, Symbolic, Force }.Example("gofsctl ln -s ../share/file demo:/docs/link").Does(LinkAsync),
        new Command("readlink", "Prints what symlinks say") { Targets }.Example("gofsctl readlink demo:/docs/link").Does(run =>
            run.EachAsync([.. run.Get(Targets).Select(run.Remote)], target => ReadAsync(run, target))),
    ];

    private static async Task LinkAsync(Invocation run)
    {
        if (!run.Get(Symbolic)) throw new UsageException("there are no hard links: add -s");
        var says = PathText.Encode(run.Get(Says));
        var name = run.Remote(run.Get(Name));
        var files = await run.FilesAsync(name);
        var path = name.Path;
        var last = Local.LocalPath.FromBytes(says).Name.ToArray();
        if (await files.FindAsync(path, cancellation: run.Cancellation) is { Type: EntryType.Directory } && last.Length > 0) path = path.Append(last);
        if (run.Get(Force) && await files.FindAsync(path, followLast: false, run.Cancellation) is { Type: not EntryType.Directory })
            await files.RemoveAsync(path, cancellation: run.Cancellation);
        await files.CreateSymlinkAsync(path, says, cancellation: run.Cancellation);
    }

    private static async Task ReadAsync(Invocation run, Target target)
    {
        var entry = await (await run.FilesAsync(target)).StatAsync(target.Path, followLast: false, run.Cancellation);
        if (entry.SymlinkTarget is not { } says) throw new GofsException(GofsError.InvalidArgument, "it is no symlink", target.Path.ToString());
        run.Out.Show(run.Out.Name(PathText.Decode(says)), json =>
        {
            EntryJson.WritePlace(json, target);
            EntryJson.WriteBytes(json, "target", says);
        });
    }
}
