using System.CommandLine;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>mkdir, rm, mv, cp, touch, append, truncate, chmod, chown.</summary>
internal static class ChangeCommands
{
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> From = new("FROM");
    private static readonly Argument<string> To = new("TO");
    private static readonly Argument<string> Value = new("VALUE");
    private static readonly Option<bool> Parents = new("-p") { Description = "Parents too; one that is there is fine" };
    private static readonly Option<bool> Recursive = new("-r") { Description = "Directories with all that is in them" };
    private static readonly Option<bool> SkipTrash = new("--skip-trash") { Description = "For ever, at once" };
    private static readonly Option<bool> NoReplace = new("-n") { Description = "Replace nothing" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("mkdir", "Makes directories") { Targets, Parents }.Example("gofsctl mkdir -p demo:/a/b/c").Does(run =>
            EachAsync(run, (files, path) => files.CreateDirectoryAsync(path, run.Get(Parents), cancellation: run.Cancellation))),
        new Command("rm", "Removes files and trees, into the trash") { Targets, Recursive, SkipTrash }.Example("gofsctl rm -r demo:/old").Does(run =>
            EachAsync(run, (files, path) => files.RemoveAsync(path, run.Get(Recursive), run.Get(SkipTrash), run.Cancellation))),
        new Command("touch", "Makes empty files, or sets times to now") { Targets }.Example("gofsctl touch demo:/flag").Does(run =>
            EachAsync(run, (files, path) => TouchAsync(run, files, path))),
        new Command("mv", "Moves a name, atomically; into TO when that is a directory") { From, To, NoReplace }
            .Example("gofsctl mv demo:/a demo:/b").Does(MoveAsync),
        new Command("cp", "Copies a file within or between namespaces") { From, To }.Example("gofsctl cp demo:/a other:/b").Does(CopyAsync),
        new Command("append", "Appends standard input to a file") { To }.Example("echo line | gofsctl append demo:/log").Does(async run =>
        {
            var target = Target.ParseRemoteOnly(run.Get(To));
            await using var file = await (await run.FilesAsync(target))
                .OpenAsync(target.Path, FileMode.Append, FileAccess.Write, cancellation: run.Cancellation);
            await Console.OpenStandardInput().CopyToAsync(file, 1 << 20, run.Cancellation);
        }),
        new Command("truncate", "Cuts or extends files to VALUE bytes (K, M, G)") { Value, Targets }.Example("gofsctl truncate 0 demo:/log").Does(run =>
            EachAsync(run, async (files, path) =>
            {
                await using var file = await files.OpenAsync(path, FileMode.Open, FileAccess.Write, cancellation: run.Cancellation);
                await file.SetLengthAsync(Texts.ParseSize(run.Get(Value)), run.Cancellation);
            })),
        new Command("chmod", "Sets permission bits (octal)") { Value, Targets }.Example("gofsctl chmod 644 demo:/file").Does(run =>
            EachAsync(run, (files, path) => files.SetAttributesAsync(path, mode: Texts.ParseMode(run.Get(Value)), cancellation: run.Cancellation))),
        new Command("chown", "Sets owner and group (numbers, OWNER or OWNER:GROUP)") { Value, Targets }
            .Example("gofsctl chown 1000:1000 demo:/file").Does(run =>
            EachAsync(run, (files, path) =>
            {
                var (owner, group) = ParseOwner(run.Get(Value));
                return files.SetAttributesAsync(path, owner: owner, group: group, cancellation: run.Cancellation);
            })),
    ];

    private static async Task EachAsync(Invocation run, Func<GofsNamespace, GofsPath, Task> action)
    {
        var targets = run.Get(Targets).Select(text => Target.ParseRemoteOnly(text)).ToArray();
        foreach (var target in targets)
        {
            try
            {
                await action(await run.FilesAsync(target), target.Path);
            }
            catch (GofsException failed) when (targets.Length > 1)
            {
                run.Fail(failed);
            }
        }
    }

    private static async Task TouchAsync(Invocation run, GofsNamespace files, GofsPath path)
    {
        if (await files.FindAsync(path, cancellation: run.Cancellation) is null)
        {
            await using var file = await files.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.Write, cancellation: run.Cancellation);
            return;
        }

        var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        await files.SetAttributesAsync(path, modifiedAt: now, cancellation: run.Cancellation);
    }

    private static async Task<GofsPath> InsideAsync(Invocation run, GofsNamespace files, Target to, GofsPath from)
    {
        var there = await files.FindAsync(to.Path, cancellation: run.Cancellation);
        return there?.Type == EntryType.Directory && !from.IsRoot ? to.Path.Append(from.Name) : to.Path;
    }

    private static async Task MoveAsync(Invocation run)
    {
        var (from, to) = (Target.ParseRemoteOnly(run.Get(From)), Target.ParseRemoteOnly(run.Get(To)));
        if (from.Namespace != to.Namespace) throw new UsageException("a name does not move between namespaces: copy it and remove it");
        var files = await run.FilesAsync(from);
        await files.RenameAsync(from.Path, await InsideAsync(run, files, to, from.Path), run.Get(NoReplace), run.Cancellation);
    }

    private static async Task CopyAsync(Invocation run)
    {
        var (from, to) = (Target.ParseRemoteOnly(run.Get(From)), Target.ParseRemoteOnly(run.Get(To)));
        var (source, destination) = (await run.FilesAsync(from), await run.FilesAsync(to));
        var entry = await source.StatAsync(from.Path, cancellation: run.Cancellation);
        await using var file = await source.OpenAsync(from.Path, FileMode.Open, FileAccess.Read, cancellation: run.Cancellation);
        await destination.PutAsync(
            await InsideAsync(run, destination, to, from.Path), file,
            new(entry.Mode, entry.Owner, entry.Group), entry.ModifiedAt, cancellation: run.Cancellation);
    }

    private static (uint? Owner, uint? Group) ParseOwner(string text)
    {
        var parts = text.Split(':');
        var numbers = parts.Select(part =>
            uint.TryParse(part, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : (uint?)null).ToArray();
        if (parts.Length > 2 || numbers.Contains(null)) throw new UsageException($"owner and group are numbers, OWNER or OWNER:GROUP, not '{text}'");
        return (numbers[0], numbers.Length > 1 ? numbers[1] : null);
    }
}
