using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gofs.Chunks;
using Gofs.Ctl.CommandLine;
using Gofs.Ctl.Local;
using Gofs.Ctl.Output;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>fsck: checks namespaces or trees, and says of each finding what, where, why, and what is being done.</summary>
internal static class FsckCommand
{
    private static readonly Argument<string[]> Names = new("TARGET")
    {
        Description = "A namespace, or a path in one; without any, every namespace", Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Repair = new("--repair") { Description = "Put right what can be without taking anything away; says what it would delete" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "With --repair: delete what nothing refers to, too" };
    private static readonly Option<int> Rate = new("--rate")
    {
        Description = "Chunks looked at in a second at most, 1 to 1000000", DefaultValueFactory = _ => 1000,
    };

    /// <summary>The command.</summary>
    public static Command Make() => new Command("fsck", "Checks names, references, replicas and sizes, while others use them")
    {
        Names, Repair, Yes, Rate,
    }.Example("gofsctl fsck", "gofsctl fsck demo", "gofsctl fsck demo:/photos", "gofsctl fsck demo --repair --yes").Does(async run =>
    {
        if (run.Get(Yes) && !run.Get(Repair)) throw new UsageException("--yes goes with --repair");
        if (run.Get(Rate) is < 1 or > 1_000_000) throw new UsageException("--rate is 1 to 1000000 chunks a second");
        var worst = FsckSeverity.Notice;
        var found = 0L;
        foreach (var target in await TargetsAsync(run))
        {
            var counts = await CheckAsync(run, target, severity => worst = severity > worst ? severity : worst);
            found += counts.Findings;
        }

        run.ExitCode = found == 0 ? ExitCodes.Done : worst == FsckSeverity.Lost ? ExitCodes.Lost : ExitCodes.Findings;
    });

    /// <summary>A finding on one line.</summary>
    public static string Line(FsckFinding finding, Func<string, string> name)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{finding.Severity.ToString().ToLowerInvariant(),-6} {finding.Check.ToString().ToLowerInvariant(),-10} ");
        List<string> where = [];
        if (finding.Path is { } path) where.Add(name(PathText.Decode(path.Bytes)));
        if (finding.ChunkIndex >= 0) where.Add(string.Create(CultureInfo.InvariantCulture, $"chunk {finding.ChunkIndex}"));
        if (finding.Chunk != ChunkHandle.None) where.Add($"({finding.Chunk})");
        if (finding.Server is { } server) where.Add($"on {server}");
        line.AppendJoin(' ', where).Append(where.Count > 0 ? ": " : "").Append(finding.What);
        if (finding.Since is { } since) line.Append(CultureInfo.InvariantCulture, $", since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        if (finding.Why.Length > 0) line.Append("; ").Append(finding.Why);
        return line.Append(". ").Append(finding.Repair == FsckRepair.Done ? "Repaired: " : "").Append(finding.Doing).ToString();
    }

    private static async Task<IReadOnlyList<Target>> TargetsAsync(Invocation run)
    {
        var texts = run.Get(Names);
        if (texts.Length == 0)
            return [.. (await (await run.ConnectAsync()).ListNamespacesAsync(run.Cancellation)).Select(one => Target.OfNamespace(one.Name))];
        return [.. texts.Select(text => !run.Session.IsShell && Target.IsNamespaceName(text) ? Target.OfNamespace(text) : run.Remote(text))];
    }

    private static async Task<FsckCounts> CheckAsync(Invocation run, Target target, Action<FsckSeverity> note)
    {
        var progress = new Told(LibC.IsTerminal(2) == 1, target.ToString());
        var wouldDelete = 0L;
        var findings = (await run.FilesAsync(target)).CheckAsync(
            target.Path, run.Get(Repair), run.Get(Yes), run.Get(Rate), progress, run.Cancellation);
        await foreach (var finding in findings)
        {
            progress.Clear();
            note(finding.Severity);
            if (finding.Repair == FsckRepair.Deletes) wouldDelete++;
            run.Out.Show(Line(finding, run.Out.Name), json => Write(json, target, finding));
        }

        progress.Clear();
        var counts = progress.Last;
        run.Out.Show(
            string.Create(CultureInfo.InvariantCulture, $"{target}: {(counts.Findings == 0 ? "clean" : $"{counts.Findings} findings")}. ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{counts.Inodes} names, {counts.Chunks} chunks and {counts.Replicas} replicas as of EditLog number {counts.EditLogNumber}"),
            json =>
            {
                json.WriteString("target", target.ToString());
                json.WriteBoolean("clean", counts.Findings == 0);
                json.WriteNumber("findings", counts.Findings);
                json.WriteNumber("inodes", counts.Inodes);
                json.WriteNumber("chunks", counts.Chunks);
                json.WriteNumber("replicas", counts.Replicas);
                json.WriteNumber("editLogNumber", counts.EditLogNumber);
            });
        if (run.Get(Repair) && !run.Get(Yes) && wouldDelete > 0)
            run.ErrorLine(string.Create(CultureInfo.InvariantCulture, $"gofsctl: would delete {wouldDelete} things that nothing refers to; add --yes to do it"));
        return counts;
    }

    private static void Write(Utf8JsonWriter json, Target target, FsckFinding finding)
    {
        json.WriteString("target", target.ToString());
        json.WriteString("check", finding.Check.ToString().ToLowerInvariant());
        json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
        if (finding.Path is { } path) EntryJson.WriteBytes(json, "path", path.Bytes);
        if (finding.Inode.Value > 0) json.WriteNumber("inode", finding.Inode.Value);
        if (finding.Chunk != ChunkHandle.None) json.WriteString("chunk", finding.Chunk.ToString());
        if (finding.ChunkIndex >= 0) json.WriteNumber("chunkIndex", finding.ChunkIndex);
        if (finding.Server is { } server) json.WriteString("server", server.Value);
        json.WriteString("what", finding.What);
        json.WriteString("why", finding.Why);
        json.WriteString("doing", finding.Doing);
        if (finding.Since is { } since) json.WriteString("since", since);
        json.WriteString("repair", finding.Repair.ToString().ToLowerInvariant());
    }

    /// <summary>One line on standard error that is written over.</summary>
    private sealed class Told(bool isShown, string target) : IProgress<FsckCounts>
    {
        private int width;

        /// <summary>The last that was told.</summary>
        public FsckCounts Last { get; private set; }

        public void Report(FsckCounts value)
        {
            Last = value;
            if (!isShown) return;
            var text = string.Create(CultureInfo.InvariantCulture, $"{target}: {value.Inodes} names, {value.Chunks} chunks, {value.Findings} findings");
            width = Math.Max(width, text.Length);
            Console.Error.Write($"\r{text.PadRight(width)}");
        }

        /// <summary>Makes room for a line.</summary>
        public void Clear()
        {
            if (width > 0) Console.Error.Write($"\r{new string(' ', width)}\r");
            width = 0;
        }
    }
}
