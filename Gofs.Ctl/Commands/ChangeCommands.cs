using System.CommandLine;
using System.Globalization;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>mkdir, rm, rmdir, touch, truncate, chmod, chown.</summary>
internal static class ChangeCommands
{
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> ModeText = new("MODE") { Description = "Octal digits, or changes like u+x,go-w" };
    private static readonly Argument<string> Owner = new("OWNER") { Description = "Numbers: OWNER, OWNER:GROUP or :GROUP" };
    private static readonly Option<string> Size = new("-s", "--size") { Description = "Bytes (K, M, G); +N longer, -N shorter by so many", Required = true };
    private static readonly Option<bool> Parents = new("-p", "--parents") { Description = "Parents too; one that is there is fine" };
    private static readonly Option<string?> NewMode = new("-m", "--mode") { Description = "Permission bits of the new directory (octal)" };
    private static readonly Option<bool> Recursive = new("-r", "-R", "--recursive") { Description = "Directories with all that is in them" };
    private static readonly Option<bool> Force = new("-f", "--force") { Description = "What is not there is no failure" };
    private static readonly Option<bool> SkipTrash = new("--skip-trash") { Description = "For ever, at once" };
    private static readonly Option<bool> NoCreate = new("-c", "--no-create") { Description = "Make nothing that is not there" };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("mkdir", "Makes directories") { Targets, Parents, NewMode }.Example("gofsctl mkdir -p demo:/a/b/c").Does(MakeDirectoriesAsync),
        new Command("rm", "Removes files and, with -r, trees, into the trash") { Targets, Recursive, Force, SkipTrash }
            .Example("gofsctl rm demo:/file", "gofsctl rm -r demo:/old").Does(run => EachAsync(run, (files, path) => RemoveAsync(run, files, path))),
        new Command("rmdir", "Removes empty directories") { Targets }.Example("gofsctl rmdir demo:/empty").Does(run =>
            EachAsync(run, (files, path) => RemoveEmptyAsync(run, files, path))),
        new Command("touch", "Sets times to now, and makes files that are not there") { Targets, NoCreate }.Example("gofsctl touch demo:/flag")
            .Does(run => EachAsync(run, (files, path) => TouchAsync(run, files, path))),
        new Command("truncate", "Cuts or extends files; makes what is not there") { Targets, Size }.Example("gofsctl truncate -s 0 demo:/log", "gofsctl truncate -s +1M demo:/file")
            .Does(run => EachAsync(run, (files, path) => TruncateAsync(run, files, path))),
        new Command("chmod", "Sets permission bits") { ModeText, Targets, Recursive }
            .Example("gofsctl chmod 644 demo:/file", "gofsctl chmod -R u+rwX,go-w demo:/dir").Does(ChangeModesAsync),
        new Command("chown", "Sets owner and group, which are numbers") { Owner, Targets, Recursive }
            .Example("gofsctl chown 1000:1000 demo:/file", "gofsctl chown -R :100 demo:/dir").Does(ChangeOwnersAsync),
    ];

    private static Task EachAsync(Invocation run, Func<GofsNamespace, GofsPath, Task> action) => run.EachAsync(
        [.. run.Get(Targets).Select(run.Remote)], async target => await action(await run.FilesAsync(target), target.Path));

    private static Task MakeDirectoriesAsync(Invocation run)
    {
        Ownership? ownership = run.Get(NewMode) is { } mode
            ? run.Session.Options!.Ownership with { Mode = ModeChange.Parse(mode).Apply(0x1ED, isDirectory: true) }
            : null;
        return EachAsync(run, (files, path) => files.CreateDirectoryAsync(path, run.Get(Parents), ownership, run.Cancellation));
    }

    private static async Task RemoveAsync(Invocation run, GofsNamespace files, GofsPath path)
    {
        try
        {
            if (!run.Get(Recursive) && await files.FindAsync(path, followLast: false, run.Cancellation) is { Type: EntryType.Directory })
                throw new GofsException(GofsError.IsADirectory, "it is a directory: add -r", path.ToString());
            await files.RemoveAsync(path, run.Get(Recursive), run.Get(SkipTrash), run.Cancellation);
        }
        catch (GofsException gone) when (gone.Error == GofsError.NotFound && run.Get(Force))
        {
            // As asked for.
        }
    }

    private static async Task RemoveEmptyAsync(Invocation run, GofsNamespace files, GofsPath path)
    {
        if ((await files.StatAsync(path, followLast: false, run.Cancellation)).Type != EntryType.Directory)
            throw new GofsException(GofsError.NotADirectory, "it is not a directory", path.ToString());
        await files.RemoveAsync(path, recursive: false, skipTrash: true, run.Cancellation);
    }

    private static async Task TouchAsync(Invocation run, GofsNamespace files, GofsPath path)
    {
        if (await files.FindAsync(path, cancellation: run.Cancellation) is null)
        {
            if (run.Get(NoCreate)) return;
            await using var file = await files.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.Write, cancellation: run.Cancellation);
            return;
        }

        var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var (at, _) = await Symlinks.FollowAsync(files, path, run.Cancellation);
        await files.SetAttributesAsync(at, modifiedAt: now, cancellation: run.Cancellation);
    }

    private static async Task TruncateAsync(Invocation run, GofsNamespace files, GofsPath path)
    {
        var size = SizeTest.Parse(run.Get(Size)!);
        await using var file = await files.OpenAsync(path, FileMode.OpenOrCreate, FileAccess.Write, cancellation: run.Cancellation);
        var length = size.Relation switch { '+' => file.Length + size.Bytes, '-' => Math.Max(0, file.Length - size.Bytes), _ => size.Bytes };
        await file.SetLengthAsync(length, run.Cancellation);
    }

    private static Task ChangeModesAsync(Invocation run)
    {
        var change = ModeChange.Parse(run.Get(ModeText));
        return EachAsync(run, (files, path) => WithAllBelowAsync(run, files, path, (at, entry) =>
            files.SetAttributesAsync(at, mode: change.Apply(entry.Mode, entry.Type == EntryType.Directory), cancellation: run.Cancellation)));
    }

    private static Task ChangeOwnersAsync(Invocation run)
    {
        var (owner, group) = ParseOwner(run.Get(Owner));
        return EachAsync(run, (files, path) => WithAllBelowAsync(run, files, path, (at, _) =>
            files.SetAttributesAsync(at, owner: owner, group: group, cancellation: run.Cancellation)));
    }

    /// <summary>Itself (what a symlink leads to) and, with -R, all below but symlinks.</summary>
    private static async Task WithAllBelowAsync(Invocation run, GofsNamespace files, GofsPath path, Func<GofsPath, Entry, Task> action)
    {
        var (top, entry) = await Symlinks.FollowAsync(files, path, run.Cancellation);
        await action(top, entry);
        if (!run.Get(Recursive) || entry.Type != EntryType.Directory) return;
        await Walk.BelowAsync(files.ListAsync, top, async (at, one) =>
        {
            if (one.Type != EntryType.Symlink) await action(at, one);
        }, run.Cancellation);
    }

    /// <summary>OWNER, OWNER:GROUP or :GROUP.</summary>
    internal static (uint? Owner, uint? Group) ParseOwner(string text)
    {
        var parts = text.Split(':');
        if (parts.Length > 2 || text is "" or ":") throw Wrong(text);
        return (Number(parts[0], text), parts.Length > 1 ? Number(parts[1], text) : null);
    }

    private static uint? Number(string part, string text) => part.Length == 0 ? null
        : uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(text);

    private static UsageException Wrong(string text) => new($"owner and group are numbers, OWNER, OWNER:GROUP or :GROUP, not '{text}'");
}
