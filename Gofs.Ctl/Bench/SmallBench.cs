using Gofs.Cluster;
using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>Small files and small reads: 4 KiB files made whole, and 4 KiB read at random places of one large file.</summary>
internal static class SmallBench
{
    private const int SmallBytes = 4096;
    private const int ReadsAtOnce = 32;

    /// <summary>Measures and says it.</summary>
    public static async Task RunAsync(
        Invocation run, GofsClient client, GofsNamespace files, BenchFolder folder, (int AtOnce, int Count) work, long size, string disk)
    {
        await folder.MakeAsync(run.Cancellation);
        var bytes = new byte[SmallBytes];
        new Random(1).NextBytes(bytes);
        var cluster = client.Grains.GetGrain<IClusterGrain>(0);
        Task Call(int i) => cluster.FindNamespaceByNumberAsync(0, run.Cancellation);
        Task Put(int i) => files.PutAsync(folder.Path("f", i), new MemoryStream(bytes), cancellation: run.Cancellation);
        await folder.WarmUpAsync(run.Cancellation, Call, Put);

        var call = await folder.MeasureAsync(run, "ceiling: a grain call that does nothing", Call);
        var sync = DiskCeiling.Commits(disk, work.AtOnce);
        run.ShowPerSecond($"ceiling: {work.AtOnce} records a sync, on {disk}", sync);
        await using (var lag = new LagWatch(files))
        {
            var created = await folder.MeasureAsync(run, "create + 4 KiB + close", Put);
            run.ShowRatio("create to min(call / 2, sync)", created.PerSecond / Math.Min(call.PerSecond / 2, sync));
            run.ShowLag("largest lag of a standby meanwhile", lag);
        }

        await ReadAsync(run, files, folder.Path("large", 0), work.Count, size, disk);
    }

    private static async Task ReadAsync(Invocation run, GofsNamespace files, GofsPath path, int count, long size, string disk)
    {
        await StreamBench.WriteAsync(files, path, size, run.Cancellation);
        var ceiling = SocketCeiling.Random(disk, SmallBytes, ReadsAtOnce, count);
        run.ShowPerSecond($"ceiling: {SmallBytes / 1024} KiB by pread and a socket, {ReadsAtOnce} at once", ceiling);
        await using var file = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: run.Cancellation);
        var random = new Random(1);
        var places = Enumerable.Range(0, count).Select(_ => random.NextInt64(Math.Max(1, size / SmallBytes)) * SmallBytes).ToArray();
        async Task Read(int i)
        {
            var read = await file.ReadAtAsync(places[i], new byte[SmallBytes], run.Cancellation);
            if (read == 0) throw new GofsException(GofsError.Internal, "nothing was read", path.ToString());
        }

        await Rate.MeasureAsync(count, ReadsAtOnce, Read, run.Cancellation);
        var reads = await Rate.MeasureAsync(count, ReadsAtOnce, Read, run.Cancellation);
        run.Show($"random reads of 4 KiB, {ReadsAtOnce} at once", reads);
        run.ShowRatio("random reads to pread and socket", reads.PerSecond / ceiling);
    }
}
