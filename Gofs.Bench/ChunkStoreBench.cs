using System.Collections.Concurrent;
using System.Diagnostics;
using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gofs.Bench;

/// <summary>
/// What a chunk store does with a disk, beside what the disk could do: new chunks of 4 KiB made durable, at 1, 16 and 64 at once, by the
/// journal, by one sync of the file system for all that wait, and as bare appends to one file with one fdatasync for all that wait (the
/// ceiling); then 1 MiB writes and reads beside bare ones.
/// </summary>
internal static class ChunkStoreBench
{
    private const int SmallBytes = 4096;
    private const int LargeBytes = 1 << 20;
    private const int LargeCount = 1024;
    private const int ChunkBytes = 64 << 20;
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(4);

    /// <summary>Runs all rows in a folder that it makes and removes.</summary>
    public static async Task RunAsync(string under)
    {
        var folder = Path.Combine(under, $"gofs-bench-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            Console.WriteLine($"crc32c            {CrcSpeed(LargeBytes):0.0} GB/s of 1 MiB, {CrcSpeed(SmallBytes):0.0} GB/s of 4 KiB");
            Console.WriteLine($"fdatasync of 4 KiB, p50 {FdatasyncMedian(folder):0.00} ms");
            Console.WriteLine("mode     at once     ops/s   p50 ms   p99 ms");
            foreach (var atOnce in new[] { 1, 16, 64 })
            {
                using (var appends = new BareAppends(Path.Combine(folder, "appends"))) await RowAsync("appends", atOnce, appends.AppendAsync);
                await StoreRowAsync("syncfs", atOnce, Options(folder, $"syncfs-{atOnce}") with { JournalLimitBytes = 0 });
                await StoreRowAsync("journal", atOnce, Options(folder, $"journal-{atOnce}"));
            }

            BareLarge(folder);
            await StoreLargeAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A folder for each row, and none is deleted before the end: for minutes after a deletion ext4 looks at every inode that was freed
    // before it gives out another, and making a file costs ten times as much.
    private static ChunkStoreOptions Options(string folder, string disk) =>
        new() { ClusterId = "bench", ServerId = "bench", DiskFolders = [Path.Combine(folder, disk)], ReserveBytes = 0 };

    private static Task<ChunkStore> OpenAsync(ChunkStoreOptions options) =>
        ChunkStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private static async Task StoreRowAsync(string name, int atOnce, ChunkStoreOptions options)
    {
        await using (var store = await OpenAsync(options))
        {
            var data = Bytes(SmallBytes);
            var crc = Crc32C.Compute(data);
            var next = 0L;
            await RowAsync(name, atOnce, async () =>
            {
                var handle = ChunkHandle.Create(1, 0, Interlocked.Increment(ref next));
                await store.WriteAsync(handle, ChunkVersion.First, 0, data, crc, ChunkBytes, durable: true, leastLengthBytes: 0, CancellationToken.None);
            });
        }

        Sync(options.DiskFolders[0]);
    }

    private static async Task RowAsync(string name, int atOnce, Func<Task> one)
    {
        for (var i = 0; i < 200; i++) await one();
        var took = new ConcurrentBag<List<double>>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
        {
            List<double> mine = [];
            while (clock.Elapsed < Each)
            {
                var from = Stopwatch.GetTimestamp();
                await one();
                mine.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            }

            took.Add(mine);
        })));
        var seconds = clock.Elapsed.TotalSeconds;
        double[] all = [.. took.SelectMany(mine => mine).Order()];
        Console.WriteLine($"{name,-10}{atOnce,6}{all.Length / seconds,10:0}{all[all.Length / 2],9:0.00}{all[all.Length * 99 / 100],9:0.00}");
    }

    private static void BareLarge(string folder)
    {
        var path = Path.Combine(folder, "large");
        using var file = LibC.OpenFile(path, DiskOpen.New);
        var data = Bytes(LargeBytes);
        var crc = Crc32C.Compute(data);
        Large("bare write + crc", i =>
        {
            if (Crc32C.Compute(data) != crc) throw new InvalidOperationException("the CRC changed");
            _ = LibC.Write(file, data, (long)i * LargeBytes);
        });
        LibC.SyncData(file);
        Large("bare read + crc", i =>
        {
            _ = LibC.Read(file, data, (long)i * LargeBytes);
            if (Crc32C.Compute(data) != crc) throw new InvalidOperationException("the CRC changed");
        });
        File.Delete(path);
    }

    private static async Task StoreLargeAsync(string folder)
    {
        await using var store = await OpenAsync(Options(folder, "large"));
        var data = Bytes(LargeBytes);
        var crc = Crc32C.Compute(data);
        const int perChunk = ChunkBytes / LargeBytes;
        Large("store write", i => store.WriteAsync(ChunkHandle.Create(2, 0, 1 + (i / perChunk)), ChunkVersion.First,
            (long)(i % perChunk) * LargeBytes, data, crc, ChunkBytes, durable: false, leastLengthBytes: 0, CancellationToken.None)
            .AsTask().GetAwaiter().GetResult());
        for (var i = 0; i < LargeCount / perChunk; i++)
            await store.FlushAsync(ChunkHandle.Create(2, 0, 1 + i), ChunkVersion.First, leastLengthBytes: 0, CancellationToken.None);
        Large("store read", i => store.ReadAsync(ChunkHandle.Create(2, 0, 1 + (i / perChunk)), ChunkVersion.First,
            (long)(i % perChunk) * LargeBytes, data, CancellationToken.None).AsTask().GetAwaiter().GetResult());
    }

    private static void Large(string name, Action<int> one)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < LargeCount; i++) one(i);
        Console.WriteLine($"{name,-18}{(double)LargeCount * LargeBytes / (1 << 20) / clock.Elapsed.TotalSeconds,8:0} MiB/s");
    }

    private static double CrcSpeed(int length)
    {
        var data = Bytes(length);
        var rounds = (512 << 20) / length;
        var sum = 0u;
        for (var i = 0; i < rounds; i++) sum ^= Crc32C.Compute(data);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < rounds; i++) sum ^= Crc32C.Compute(data);
        GC.KeepAlive(sum);
        return (double)rounds * length / clock.Elapsed.TotalSeconds / 1e9;
    }

    private static double FdatasyncMedian(string folder)
    {
        var path = Path.Combine(folder, "one");
        using var file = LibC.OpenFile(path, DiskOpen.New);
        _ = LibC.Write(file, new byte[SmallBytes], 0);
        LibC.SyncData(file);
        var data = Bytes(SmallBytes);
        var took = new double[500];
        for (var i = 0; i < took.Length; i++)
        {
            var from = Stopwatch.GetTimestamp();
            _ = LibC.Write(file, data, 0);
            LibC.SyncData(file);
            took[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        }

        File.Delete(path);
        Array.Sort(took);
        return took[took.Length / 2];
    }

    private static void Sync(string folder)
    {
        using var handle = LibC.OpenFolder(Path.GetDirectoryName(folder)!);
        LibC.SyncFileSystem(handle);
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
