using System.CommandLine;
using System.Globalization;
using Gofs.Cluster;
using Gofs.Ctl.Bench;
using Gofs.Namespaces;

namespace Gofs.Ctl.Commands;

/// <summary>bench meta, io.</summary>
internal static class BenchCommands
{
    private const int MostOperations = 10_000_000;

    private static readonly Option<string> Name = new("--namespace") { Description = "Where; made when it is not there", DefaultValueFactory = _ => "bench" };
    private static readonly Option<int> AtOnce = new("-c") { Description = "Operations at once", DefaultValueFactory = _ => 64 };
    private static readonly Option<int> Count = new("-n") { Description = "Operations of each kind", DefaultValueFactory = _ => 20_000 };
    private static readonly Option<int> WarmUp = new("--warm-up")
    {
        Description = "Operations of each kind before, not counted; 0 measures what is just started, and still compiles",
        DefaultValueFactory = _ => 20_000,
    };
    private static readonly Option<string> Size = new("--size") { Description = "Bytes written and read (K, M, G)", DefaultValueFactory = _ => "1G" };
    private static readonly Option<string> Disk = new("--disk")
    {
        Description = "A local folder on the silo's disk, to measure the ceiling on",
        DefaultValueFactory = _ => ".",
    };

    /// <summary>The commands.</summary>
    public static Command Make() => new("bench", "Measures the file system, and beside it what this machine allows in the same run")
    {
        new Command("meta", "mkdir, stat, create without bytes, create + 4 KiB + close") { Name, AtOnce, Count, WarmUp, Disk }
            .Example("gofsctl bench meta -c 64 --disk /var/lib/gofs").Does(MetaAsync),
        new Command("io", "Sequential write and read of one file") { Name, Size, Disk }.Example("gofsctl bench io --size 1G").Does(IoAsync),
    };

    private static async Task MetaAsync(Invocation run)
    {
        var (client, files) = await OpenAsync(run);
        var (atOnce, count, warmUp) = (run.Get(AtOnce), run.Get(Count), run.Get(WarmUp));
        if (atOnce is < 1 or > 4096 || count is < 1 or > MostOperations || warmUp is < 0 or > MostOperations)
            throw new UsageException("-c is 1 to 4096, -n 1 to 10,000,000 and --warm-up 0 to 10,000,000");
        var top = GofsPath.Root.Append($"bench-{Guid.NewGuid():N}");
        await files.CreateDirectoryAsync(top, cancellation: run.Cancellation);
        var cluster = client.Grains.GetGrain<IClusterGrain>(0);
        var bytes = new byte[4096];
        new Random(1).NextBytes(bytes);
        try
        {
            for (var i = 0; i < 64; i++) await files.CreateDirectoryAsync(top.Append($"d{i}"), cancellation: run.Cancellation);
            GofsPath Path(string kind, int i) => top.Append($"d{i & 63}").Append($"{kind}{i}");
            Task Call(int i) => cluster.FindNamespaceByNumberAsync(0, run.Cancellation);
            Task MakeDirectory(int i) => files.CreateDirectoryAsync(Path("m", i), cancellation: run.Cancellation);
            Task Stat(int i) => files.StatAsync(Path("m", i), cancellation: run.Cancellation);
            Task Create(int i) => files.PutAsync(Path("e", i), Stream.Null, cancellation: run.Cancellation);
            Task Put(int i) => files.PutAsync(Path("f", i), new MemoryStream(bytes), cancellation: run.Cancellation);
            if (warmUp > 0)
                foreach (var one in (Func<int, Task>[])[Call, MakeDirectory, Stat, Create, Put])
                    await Rate.MeasureAsync(warmUp, atOnce, i => one(i - warmUp), run.Cancellation);
            async Task<Rate> Measure(string what, Func<int, Task> one)
            {
                var rate = await Rate.MeasureAsync(count, atOnce, one, run.Cancellation);
                Show(run, what, rate);
                return rate;
            }

            var call = await Measure("ceiling: a grain call that does nothing", Call);
            var sync = DiskCeiling.Commits(run.Get(Disk)!, atOnce);
            ShowPerSecond(run, $"ceiling: {atOnce} records a sync, on {run.Get(Disk)}", sync);
            await using var lag = new LagWatch(files);
            var made = await Measure("mkdir", MakeDirectory);
            var seen = await Measure("stat", Stat);
            var empty = await Measure("create, no bytes", Create);
            ShowLag(run, "largest lag of a standby meanwhile", lag);
            var created = await Measure("create + 4 KiB + close", Put);
            ShowLag(run, "largest lag of a standby while bytes were written", lag);
            // Last: what it wrote is removed again, and the others would meet that.
            var master = client.Grains.GetGrain<IMetaServerGrain>((await files.GetStatusAsync(run.Cancellation)).Silo);
            var commit = await master.MeasureStoreAsync(atOnce, run.Cancellation);
            ShowPerSecond(run, $"ceiling: {atOnce} records a commit of the EditLog's store", commit);
            ShowRatio(run, "mkdir to min(call, commit)", made.PerSecond / Math.Min(call.PerSecond, commit));
            ShowRatio(run, "stat to call", seen.PerSecond / call.PerSecond);
            ShowRatio(run, "create, no bytes, to min(call, commit)", empty.PerSecond / Math.Min(call.PerSecond, commit));
            ShowRatio(run, "create to min(call / 2, commit, sync)", created.PerSecond / Math.Min(call.PerSecond / 2, Math.Min(commit, sync)));
        }
        finally
        {
            await files.RemoveAsync(top, recursive: true, skipTrash: true, CancellationToken.None);
        }
    }

    private static async Task IoAsync(Invocation run)
    {
        var (client, files) = await OpenAsync(run);
        var size = Texts.ParseSize(run.Get(Size)!);
        var path = GofsPath.Root.Append($"bench-{Guid.NewGuid():N}");
        try
        {
            var (diskWrite, diskRead) = DiskCeiling.Stream(run.Get(Disk)!, size);
            var servers = await client.ListChunkServersAsync(run.Cancellation);
            var (callWrite, callRead) = await TransportCeiling.MeasureAsync(client, servers[0].Server, size, run.Cancellation);
            var write = await StreamBench.WriteAsync(files, path, size, run.Cancellation);
            var read = await StreamBench.ReadAsync(files, path, run.Cancellation);
            ShowMebibytes(run, "ceiling: write + fdatasync on the disk", diskWrite);
            ShowMebibytes(run, "ceiling: read of the disk (cached)", diskRead);
            ShowMebibytes(run, "ceiling: 1 MiB in a grain call, to the chunk server", callWrite);
            ShowMebibytes(run, "ceiling: 1 MiB in a grain call, from the chunk server", callRead);
            ShowMebibytes(run, "write", write);
            ShowMebibytes(run, "read", read);
            ShowRatio(run, "write to min(disk, calls)", write / Math.Min(diskWrite, callWrite));
            ShowRatio(run, "read to min(disk, calls)", read / Math.Min(diskRead, callRead));
        }
        finally
        {
            if (await files.FindAsync(path, cancellation: CancellationToken.None) is not null)
                await files.RemoveAsync(path, skipTrash: true, cancellation: CancellationToken.None);
        }
    }

    private static async Task<(GofsClient Client, GofsNamespace Files)> OpenAsync(Invocation run)
    {
        var client = await run.ConnectAsync();
        var name = run.Get(Name)!;
        if ((await client.ListNamespacesAsync(run.Cancellation)).All(one => one.Name != name))
        {
            var config = await client.GetDefaultConfigAsync(run.Cancellation);
            await client.CreateNamespaceAsync(name, config with { TrashRetention = TimeSpan.Zero }, run.Cancellation);
        }

        return (client, client.Namespace(name));
    }

    private static void ShowLag(Invocation run, string what, LagWatch lag)
    {
        if (lag.TakeLargest() is { } behind) ShowFigure(run, what, behind.TotalMilliseconds, " ms", "milliseconds");
    }

    private static void Show(Invocation run, string what, Rate rate) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture,
            $"{what,-60} {rate.PerSecond,10:0}/s   p50 {rate.Median.TotalMilliseconds:0.00} ms   p99 {rate.Worst1Percent.TotalMilliseconds:0.00} ms"),
        json =>
        {
            json.WriteString("what", what);
            json.WriteNumber("perSecond", rate.PerSecond);
            json.WriteNumber("p99Milliseconds", rate.Worst1Percent.TotalMilliseconds);
        });

    private static void ShowFigure(Invocation run, string what, double value, string unit, string jsonName) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture, $"{what,-60} {value,10:0}{unit}"),
        json => { json.WriteString("what", what); json.WriteNumber(jsonName, value); });

    private static void ShowPerSecond(Invocation run, string what, double perSecond) => ShowFigure(run, what, perSecond, "/s", "perSecond");

    private static void ShowMebibytes(Invocation run, string what, double perSecond) => ShowFigure(run, what, perSecond, " MiB/s", "mebibytesPerSecond");

    private static void ShowRatio(Invocation run, string what, double ratio) => run.Out.Show(
        string.Create(CultureInfo.InvariantCulture, $"ratio: {what,-53} {ratio,10:0.00}"),
            json => { json.WriteString("ratio", what); json.WriteNumber("value", ratio); });
}
