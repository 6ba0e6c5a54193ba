using System.CommandLine;
using System.Globalization;
using Gofs.Ctl.Targets;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>lease ls, break.</summary>
internal static class LeaseCommands
{
    private static readonly Argument<string> Name = new("NAMESPACE");
    private static readonly Argument<string> At = new("TARGET");
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without it only what would be done is shown" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("lease", "Files that are open for writing")
    {
        new Command("ls", "Lists them: who has each, and for how long unless renewed") { Name }.Example("gofsctl lease ls demo").Does(async run =>
        {
            var files = (await run.ConnectAsync()).Namespace(run.Get(Name));
            await foreach (var file in files.ListOpenFilesAsync(run.Cancellation))
                Show(run, file, await files.GetLeasesAsync(file.Inode, run.Cancellation));
        }),
        new Command("break", "Takes a file away from whoever writes it: what was not flushed is lost") { At, Yes }
            .Example("gofsctl lease break gofs://demo/log --yes").Does(BreakAsync),
    };

    private static async Task BreakAsync(Invocation run)
    {
        var target = run.Remote(run.Get(At));
        var files = (await run.ConnectAsync()).Namespace(target.Namespace!);
        var broken = 0;
        await foreach (var file in files.ListOpenFilesAsync(run.Cancellation))
        {
            if (file.Path != target.Path) continue;
            broken++;
            if (run.Get(Yes))
            {
                await files.BreakLeaseAsync(file.Inode, run.Cancellation);
                continue;
            }

            var leases = await files.GetLeasesAsync(file.Inode, run.Cancellation);
            run.Out.Show(
                $"would take {target} from {Holders(leases)}: what was not flushed is lost; add --yes to do it",
                json => json.WriteString("wouldBreak", target.ToString()));
        }

        if (broken == 0) throw new GofsException(GofsError.NotFound, "no file that is open for writing is there", target.ToString());
    }

    private static void Show(Invocation run, OpenFile file, FileLeases leases) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture, $"{file.OpenedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} {Left(leases),6} {Holders(leases),-24} ")
            + run.Out.Name(file.Path is { } at ? PathText.Decode(at.Bytes) : $"inode {file.Inode}")
            + (file.IsNamed ? "" : " (not there before it is closed)"),
        json =>
        {
            json.WriteNumber("inode", file.Inode.Value);
            if (file.Path is { } path) EntryJson.WriteBytes(json, "path", path.Bytes);
            json.WriteString("openedAt", file.OpenedAt);
            json.WriteBoolean("named", file.IsNamed);
            json.WriteBoolean("append", leases.IsAppend);
            json.WriteNumber("holders", leases.Count);
            json.WriteStartArray("leases");
            foreach (var lease in leases.Leases)
            {
                json.WriteStartObject();
                json.WriteString("user", lease.Holder.User);
                json.WriteString("host", lease.Holder.Host);
                json.WriteNumber("leftSeconds", lease.Left.TotalSeconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private static string Left(FileLeases leases) =>
        leases.Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{leases.Leases[0].Left.TotalSeconds:0} s");

    private static string Holders(FileLeases leases) => leases.Count switch
    {
        0 => "nobody that lives",
        1 => leases.Leases[0].Holder.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"{leases.Leases[0].Holder} and {leases.Count - 1} more"),
    };
}
