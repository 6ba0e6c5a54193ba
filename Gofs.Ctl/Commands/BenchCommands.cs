using System.CommandLine;
using Gofs.Ctl.Bench;

namespace Gofs.Ctl.Commands;

/// <summary>bench meta, small, append, io, healing, balance.</summary>
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
    private static readonly Option<string> RecordSize = new("--record-size") { Description = "Bytes of a record (K, M)", DefaultValueFactory = _ => "1K" };
    private static readonly Option<string> Disk = new("--disk")
    {
        Description = "A local folder on the silo's disk, to measure the ceiling on",
        DefaultValueFactory = _ => ".",
    };
    private static readonly Option<bool> Sockets = new("--sockets")
    {
        Description = "Read over the data ports alone, not from files that chunk servers on this machine share",
    };

    private static readonly Option<bool> Load = new("--load") { Description = "Clients read and write a little all the while; says what they notice" };

    /// <summary>The commands.</summary>
    public static Command Make() => new("bench", "Measures the file system, and beside it what this machine allows in the same run")
    {
        new Command("meta", "mkdir, stat, create without bytes") { Name, AtOnce, Count, WarmUp, Disk }
            .Example("gofsctl bench meta -c 64 --disk /var/lib/gofs").Does(MetaAsync),
        new Command("small", "create + 4 KiB + close, and 4 KiB reads at random places of a file of --size") { Name, AtOnce, Count, WarmUp, Size, Disk, Sockets }
            .Example("gofsctl bench small -c 16").Does(SmallAsync),
        new Command("append", "Record append by -c appenders to one file") { Name, AtOnce, Count, WarmUp, RecordSize, Disk }
            .Example("gofsctl bench append -c 16 --record-size 1K").Does(AppendAsync),
        new Command("io", "Sequential write and read of one file") { Name, Size, Disk, Sockets }.Example("gofsctl bench io --size 1G").Does(IoAsync),
        new Command("healing", "Stores --size bytes, waits until a chunk server ends, shows how replicas are made again") { Name, Size, Load, Disk }
            .Example("eng/prove healing --load").Does(run => UpkeepAsync(run, static (bench, size) => bench.HealAsync(size))),
        new Command("balance", "Stores --size bytes, waits until an empty chunk server comes, shows how it is filled") { Name, Size, Load, Disk }
            .Example("eng/prove balance --load").Does(run => UpkeepAsync(run, static (bench, size) => bench.BalanceAsync(size))),
    };

    private static async Task MetaAsync(Invocation run)
    {
        var (client, files) = await OpenAsync(run);
        await using var folder = Folder(run, files);
        await MetaBench.RunAsync(run, client, files, folder, run.Get(AtOnce), run.Get(Disk)!);
    }

    private static async Task SmallAsync(Invocation run)
    {
        var size = Texts.ParseSize(run.Get(Size)!);
        UseSockets(run);
        var (client, files) = await OpenAsync(run);
        await using var folder = Folder(run, files);
        await SmallBench.RunAsync(run, client, files, folder, (run.Get(AtOnce), run.Get(Count)), size, run.Get(Disk)!);
    }

    private static async Task AppendAsync(Invocation run)
    {
        var size = Texts.ParseSize(run.Get(RecordSize)!);
        var (_, files) = await OpenAsync(run);
        await using var folder = Folder(run, files);
        await AppendBench.RunAsync(run, files, folder, run.Get(AtOnce), checked((int)size), run.Get(Disk)!);
    }

    private static async Task UpkeepAsync(Invocation run, Func<UpkeepBench, long, Task> prove)
    {
        var size = Texts.ParseSize(run.Get(Size)!);
        var client = await run.ConnectAsync();
        await prove(new(run, client, run.Get(Name)!, run.Get(Disk)!, run.Get(Load)), size);
    }

    private static BenchFolder Folder(Invocation run, GofsNamespace files)
    {
        var (atOnce, count, warmUp) = (run.Get(AtOnce), run.Get(Count), run.Get(WarmUp));
        if (atOnce is < 1 or > 4096 || count is < 1 or > MostOperations || warmUp is < 0 or > MostOperations)
            throw new UsageException("-c is 1 to 4096, -n 1 to 10,000,000 and --warm-up 0 to 10,000,000");
        return new(files, atOnce, count, warmUp);
    }

    private static void UseSockets(Invocation run)
    {
        if (!run.Get(Sockets)) return;
        if (run.Session.IsConnected) throw new UsageException("--sockets is for a client that has not connected yet: not in the shell");
        run.Session.Options = (run.Session.Options ?? new()) with { LocalFiles = false };
    }

    private static async Task IoAsync(Invocation run)
    {
        UseSockets(run);
        var (client, files) = await OpenAsync(run);
        var size = Texts.ParseSize(run.Get(Size)!);
        var path = GofsPath.Root.Append($"bench-{Guid.NewGuid():N}");
        try
        {
            var (diskWrite, diskRead) = DiskCeiling.Stream(run.Get(Disk)!, size);
            var socket = SocketCeiling.Stream(run.Get(Disk)!, size);
            var servers = await client.ListChunkServersAsync(run.Cancellation);
            var (callWrite, callRead) = await TransportCeiling.MeasureAsync(client, servers[0].Server, size, run.Cancellation);
            var write = await StreamBench.WriteAsync(files, path, size, run.Cancellation);
            var read = await StreamBench.ReadAsync(files, path, run.Cancellation);
            run.ShowMebibytes("ceiling: write + fdatasync on the disk", diskWrite);
            run.ShowMebibytes("ceiling: read of the disk (cached)", diskRead);
            run.ShowMebibytes("ceiling: 1 MiB by pread and a socket", socket);
            run.ShowMebibytes("ceiling: 1 MiB in a grain call, to the chunk server", callWrite);
            run.ShowMebibytes("ceiling: 1 MiB in a grain call, from the chunk server", callRead);
            run.ShowMebibytes("write", write);
            run.ShowMebibytes("read", read);
            run.ShowRatio("write to min(disk, calls)", write / Math.Min(diskWrite, callWrite));
            run.ShowRatio("read to min(disk, calls)", read / Math.Min(diskRead, callRead));
            run.ShowRatio("read to pread and socket", read / socket);
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
}
