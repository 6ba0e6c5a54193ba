using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.ChunkServers;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Gofs.Tests.Sdk.Fakes;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.DataPlane;

/// <summary>
/// What the simulation of files leaves out, at once: real stores with their threads, frames over sockets, chains, the SDK's pipelines, copies and joins, while
/// connections break and servers start again. Files are written and flushed, and read meanwhile: a reader gets what was written, as long as a flush made it.
/// GOFS_TEST_SECONDS (4) of it, GOFS_TEST_SEED says which faults; not which moments they hit.
/// </summary>
public sealed class DataPlaneTests(ITestOutputHelper output) : IDisposable
{
    private const string Memory = "/dev/shm"; // syncs cost nothing there: more happens at once
    private const int ChunkBytes = 1 << 20;
    private const int Writers = 3;
    private const int Flushes = 24;
    private const int MostBytes = 40_000;
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<ServerId, ServedStore> stores = [];
    private ServedChunks chunks = null!;
    private long flushes;
    private long reads;
    private long files;
    private long givenUp;

    [Fact]
    public async Task WhatIsFlushed_IsRead_WhateverServersDo()
    {
        var (seconds, seed) = (TestSetting.Number("GOFS_TEST_SECONDS", 4), TestSetting.Number("GOFS_TEST_SEED", 1));
        var folder = Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"gofs-data-plane-{Guid.NewGuid():n}");
        var addresses = new DataAddresses(
            () => Task.FromResult<ChunkServerInfo[]>([.. stores.Values.Select(one => one.Info)]), TimeProvider.System);
        var nobody = Fake.Of<IChunkTransport>((method, _) => method == nameof(IChunkTransport.IsAliveAsync)
            ? Task.FromResult(false)
            : throw new GofsException(GofsError.Unavailable, "there is no other way"));
        using var sockets = new SocketTransport(
            new(TimeProvider.System, TimeSpan.FromSeconds(1)), addresses, nobody, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(2));
        try
        {
            for (var i = 1; i <= 4; i++)
            {
                var id = new ServerId($"s{i}");
                stores[id] = await ServedStore.StartAsync(id, $"{folder}/{i}", one => one with { ServerOf = of => stores[of].Grain(), Transport = sockets });
            }

            chunks = new(stores);
            using var context = new ClientContext(
                Fake.Of<Orleans.IGrainFactory>((method, _) => Fake.Unexpected(method)), new() { OperationTimeout = TimeSpan.FromSeconds(20) },
                TimeProvider.System, sockets, seed: (ulong)seed);
            stop.CancelAfter(TimeSpan.FromSeconds(seconds));
            await Task.WhenAll(
                [
                    .. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(context, new(seed + writer)))),
                    .. Enumerable.Range(0, 2).Select(healer => Task.Run(() => HealAsync(new(seed + 10 + healer)))),
                    Task.Run(() => HarmAsync(new(seed + 20))),
                ]);
            output.WriteLine(FormattableString.Invariant($"{files} files, {givenUp} given up, {flushes} flushes, {reads} reads; ")
                + FormattableString.Invariant($"{chunks.Recovered} changes of replicas by writers, {chunks.Joined} joined, {chunks.Left} left"));
            Assert.True(flushes > 0 && reads > 0 && chunks.Joined > 0);
        }
        finally
        {
            foreach (var one in stores.Values) await one.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    private async Task WriteAsync(ClientContext context, Random random)
    {
        while (!stop.IsCancellationRequested)
        {
            var file = new ServedFile(chunks, new(random.Next()));
            var content = new byte[ChunkBytes];
            random.NextBytes(content);
            using var written = new CancellationTokenSource();
            Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadAsync(context, file, content, written.Token)))];
            try
            {
                await FlushAsync(context, file, content, random);
                Interlocked.Increment(ref files);
            }
            catch (GofsException why)
            {
                // Nobody was there to be written to for too long.
                output.WriteLine(why.Message);
                Interlocked.Increment(ref givenUp);
            }

            await written.CancelAsync();
            await Task.WhenAll(readers);
            if (file.Chunk is { } chunk) await TryAsync(() => chunks.RemoveAsync(chunk));
        }
    }

    private async Task FlushAsync(ClientContext context, ServedFile file, byte[] content, Random random)
    {
        var config = NamespaceConfig.Default with { ChunkSizeBytes = ChunkBytes, Goal = 3 };
        var entry = new Entry(new(7), EntryType.File, 0, 0, 0, 0, 0, 1, [], null, true, 0);
        var lease = new WriterLease(LeaseId.New(), TimeSpan.FromMinutes(1), 0, ChunkBytes, null);
        await using var pipeline = new WritePipeline(context, GofsPath.Parse("/file"), file.Grain, new(entry, Created: true, 1, config), lease, atomic: false);
        for (var (flush, at) = (0, 0); flush < Flushes; flush++)
        {
            var more = 1 + random.Next(MostBytes);
            await pipeline.WriteAsync(at, content.AsMemory(at, more), CancellationToken.None);
            at += more;
            await pipeline.FlushAsync(CancellationToken.None);
            Interlocked.Increment(ref flushes);
        }
    }

    private async Task ReadAsync(ClientContext context, ServedFile file, byte[] content, CancellationToken written)
    {
        var into = new byte[ChunkBytes];
        while (!written.IsCancellationRequested)
        {
            var least = file.LengthBytes;
            try
            {
                var planner = new ReadPlanner(context, file.Grain, GofsPath.Parse("/file"));
                await planner.RefreshAsync(0, CancellationToken.None);
                var count = await planner.ReadAtAsync(0, into, CancellationToken.None);
                Assert.True(count >= least, $"{least} bytes were flushed, and {count} are read");
                var good = into.AsSpan(0, count).CommonPrefixLength(content);
                Assert.True(good == count, $"from {good} of {count} on nobody wrote these bytes ({into.AsSpan(good, count - good).IndexOfAnyExcept((byte)0)} zeros)");
                Interlocked.Increment(ref reads);
            }
            catch (GofsException)
            {
                // Nobody is there to be read from: that is no answer.
            }

            await Task.Delay(2, CancellationToken.None);
        }
    }

    private async Task HealAsync(Random random)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(random.Next(20), CancellationToken.None);
            ChunkHandle[] all = [.. chunks.All];
            if (all.Length == 0) continue;
            var handle = all[random.Next(all.Length)];
            await TryAsync(() => chunks.ChangeAsync(handle, random));
            await TryAsync(() => chunks.CleanAsync(handle, stores.Keys.ElementAt(random.Next(stores.Count))));
        }
    }

    private async Task HarmAsync(Random random)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(random.Next(80), CancellationToken.None);
            var server = stores.Values.ElementAt(random.Next(stores.Count));
            if (random.Next(4) > 0) await server.BreakAsync();
            else await server.RestartAsync();
        }
    }

    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (GofsException)
        {
            // A server is away, or the chunk is another by now.
        }
    }
}
