using System.CommandLine;
using System.Globalization;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>stat, tree, du.</summary>
internal static class LookCommands
{
    private static readonly Argument<string[]> Targets = new("TARGET") { Arity = ArgumentArity.OneOrMore };

    private static readonly Argument<string[]> TargetsOrHere = new("TARGET")
    {
        Description = "Without one: the shell's directory", Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Human = new("-h", "--human") { Description = "Sizes in K, M, G" };
    private static readonly Option<bool> Summary = new("-s", "--summarize") { Description = "Only the sum of each target" };
    private static readonly Option<bool> Follow = new("-L", "--dereference") { Description = "What a symlink leads to" };
    private static readonly Option<int> Depth = new("-L", "--depth") { Description = "How many levels", DefaultValueFactory = _ => int.MaxValue };

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() =>
    [
        new Command("stat", "Shows what is known of a name (a symlink itself)") { Targets, Follow, TreeReads.StaleOk }.Example("gofsctl stat demo:/file").Does(run =>
            run.EachAsync([.. run.Get(Targets).Select(run.Remote)], target => StatAsync(run, target))),
        new Command("du", "Sums up bytes below each directory") { TargetsOrHere, Summary, Human, TreeReads.StaleOk }
            .Example("gofsctl du -sh demo:/share", "gofsctl du demo:/").Does(run =>
            run.EachAsync(run.RemotesOrHere(run.Get(TargetsOrHere)), target => SumAsync(run, target))),
        new Command("tree", "Draws a tree") { TargetsOrHere, Depth, TreeReads.StaleOk }
            .Example("gofsctl tree demo:/", "gofsctl tree -L 2 demo:/share").Does(run =>
            run.EachAsync(run.RemotesOrHere(run.Get(TargetsOrHere)), target => DrawAsync(run, target))),
    ];

    private static async Task StatAsync(Invocation run, Target target)
    {
        var files = await run.ReadsAsync(target);
        var entry = await files.StatAsync(target.Path, run.Get(Follow), run.Cancellation);
        if (run.Out.IsJson)
        {
            run.Out.Json(json =>
            {
                EntryJson.Write(json, entry, target);
                if (files.EditLogNumber is { } asOf) json.WriteNumber("editLogNumber", asOf);
            });
            return;
        }

        var kind = entry.Type switch { EntryType.Directory => "directory", EntryType.Symlink => "symlink", _ => "file" };
        var seconds = entry.ModifiedAt - long.Abs(entry.ModifiedAt % 1_000_000_000);
        var nanoseconds = (entry.ModifiedAt % 1_000_000_000 + 1_000_000_000) % 1_000_000_000;
        run.Out.Line(run.Out.Name(target + Texts.Arrow(entry)));
        run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  type      {kind}{(entry.IsOpenForWriting ? ", open for writing" : "")}"));
        run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  size      {entry.LengthBytes} bytes"));
        if (entry.Type == EntryType.Directory) run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  entries   {entry.Entries}"));
        if (entry.Goal > 0 || entry.Type == EntryType.Directory)
            run.Out.Line($"  goal      {(entry.Goal > 0 ? Texts.Goal(entry) : "the namespace's")}{(entry.IsGoalPending ? ", its chunks are being told" : "")}");
        run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  inode     {entry.Inode}, links {entry.Links}"));
        run.Out.Line($"  mode      {Convert.ToString(entry.Mode, 8).PadLeft(4, '0')} {Texts.Mode(entry.Type, entry.Mode)}");
        run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  owner     {entry.Owner}, group {entry.Group}"));
        run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  modified  {Texts.Time(seconds)}.{nanoseconds:000000000} UTC"));
        if (files.EditLogNumber is { } number) run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"  as of     EditLog number {number}, of a standby"));
    }

    private static async Task SumAsync(Invocation run, Target target)
    {
        var files = await run.ReadsAsync(target);
        var top = await files.StatAsync(target.Path, followLast: false, run.Cancellation);
        if (!run.Get(Summary) && top.Type == EntryType.Directory) await SumBelowAsync(run, files, target, target.Path);
        else Show(run, target, await files.CountAsync(target.Path, run.Cancellation));
    }

    /// <summary>As du: a directory after those in it.</summary>
    private static async Task<TreeCount> SumBelowAsync(Invocation run, TreeReads files, Target target, GofsPath directory)
    {
        var sum = new TreeCount(0, 1, 0, 0);
        await foreach (var entry in files.ListAsync(directory, run.Cancellation))
        {
            var one = entry.Type switch
            {
                EntryType.Directory => await SumBelowAsync(run, files, target, directory.Append(entry.Name)),
                EntryType.Symlink => new TreeCount(0, 0, 1, 0),
                _ => new TreeCount(1, 0, 0, entry.LengthBytes),
            };
            sum = new(sum.Files + one.Files, sum.Directories + one.Directories, sum.Symlinks + one.Symlinks, sum.LengthBytes + one.LengthBytes);
        }

        Show(run, target.At(directory), sum);
        return sum;
    }

    private static void Show(Invocation run, Target target, TreeCount count) => run.Out.Show(
        $"{Texts.Size(count.LengthBytes, run.Get(Human))}\t{run.Out.Name(target.ToString())}",
        json =>
        {
            EntryJson.WritePlace(json, target);
            json.WriteNumber("lengthBytes", count.LengthBytes);
            json.WriteNumber("files", count.Files);
            json.WriteNumber("directories", count.Directories);
            json.WriteNumber("symlinks", count.Symlinks);
        });

    private static async Task DrawAsync(Invocation run, Target target)
    {
        var files = await run.ReadsAsync(target);
        if (run.Get(Depth) < 1) throw new UsageException("-L is 1 or more");
        var top = await files.StatAsync(target.Path, cancellation: run.Cancellation);
        if (!run.Out.IsJson) run.Out.Line(run.Out.Name(target.ToString()));
        var count = top.Type == EntryType.Directory ? await DrawBelowAsync(run, files, target, target.Path, "", run.Get(Depth)) : (0, 1);
        if (!run.Out.IsJson) run.Out.Line(string.Create(CultureInfo.InvariantCulture, $"\n{count.Item1} directories, {count.Item2} files"));
    }

    private static async Task<(long Directories, long Files)> DrawBelowAsync(
        Invocation run, TreeReads files, Target target, GofsPath directory, string indent, int depth)
    {
        var (directories, others) = (0L, 0L);
        Entry? before = null;
        await foreach (var entry in files.ListAsync(directory, run.Cancellation))
        {
            if (before is not null) await OneAsync(before, isLast: false);
            before = entry;
        }

        if (before is not null) await OneAsync(before, isLast: true);
        return (directories, others);

        async Task OneAsync(Entry entry, bool isLast)
        {
            var path = directory.Append(entry.Name);
            run.Out.Show(
                $"{indent}{(isLast ? "└── " : "├── ")}{run.Out.Name(Texts.Name(entry) + (entry.Type == EntryType.Directory ? "/" : "") + Texts.Arrow(entry))}",
                json => EntryJson.Write(json, entry, target.At(path)));
            if (entry.Type != EntryType.Directory)
            {
                others++;
                return;
            }

            directories++;
            if (depth <= 1) return;
            var below = await DrawBelowAsync(run, files, target, path, indent + (isLast ? "    " : "│   "), depth - 1);
            (directories, others) = (directories + below.Directories, others + below.Files);
        }
    }
}
