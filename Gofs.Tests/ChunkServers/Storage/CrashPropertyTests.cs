using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>
/// Random operations on several chunks at once, on a simulated disk whose power goes at a random operation (also while the journal is redone), again
/// and again: what was acknowledged as durable is there, what was not is old or new checksum block by checksum block, and nothing is ever garbage.
/// A failure names its seed; a seed has one outcome.
/// </summary>
public sealed class CrashPropertyTests
{
    private const int Seeds = 300;
    private const int SeedsWhenLong = 5000;

    [Fact]
    public void Crash_AtAnyOperation_KeepsWhatWasAcknowledged()
    {
        var seeds = Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is null ? Seeds : SeedsWhenLong;
        for (var seed = 1; seed <= seeds; seed++) new CrashRun(seed).Go();
    }

    /// <summary>4102: the power goes while journal files that were redone are made void, the later before the earlier, which then is redone alone.</summary>
    [Theory, InlineData(4102)]
    public void SeedsThatOnceFailed_Hold(int seed) => new CrashRun(seed).Go();

    [Theory, InlineData(7), InlineData(19)]
    public void OneSeed_Twice_HasOneOutcome(int seed) => Assert.Equal(new CrashRun(seed).Go(), new CrashRun(seed).Go());
}

/// <summary>One seed's run.</summary>
internal sealed class CrashRun(int seed)
{
    private const int Lanes = 4;
    private const int Lives = 4;
    private const int ChunkBytes = 200_000;
    private const int PartBytes = 64 << 10;
    private readonly Random random = new(seed);
    private readonly SimulatedDisk disk = new();
    private readonly ChunkModel[] models = [.. Enumerable.Range(0, Lanes).Select(_ => new ChunkModel())];
    private readonly int packUpToBytes = seed % 3 == 0 ? 0 : 32 << 10;
    private readonly long[] counters = [.. Enumerable.Range(1, Lanes).Select(i => (long)i)];
    private long nextCounter = Lanes + 1;

    /// <summary>Runs it; answers what tells two runs apart.</summary>
    public (long Operations, int Length) Go()
    {
        for (var life = 0; life < Lives; life++)
        {
            var threads = new SimulatedThreads(random.Next());
            using var store = new Disposer(Open(threads), threads);
            for (var lane = 0; lane < Lanes; lane++) Check(threads, store.Store, lane);
            disk.PowerFailsAt = disk.Operations + random.Next(1, 250);
            threads.Run(() => Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => WorkAsync(store.Store, lane, new Random(random.Next())))));
            disk.Crash(random.Next());
        }

        return (disk.Operations, disk.Files.Sum(file => disk.Content(file).Length));
    }

    private ChunkStore Open(SimulatedThreads threads)
    {
        var options = Options(threads);
        while (true)
        {
            // The power may go while the journal is redone.
            if (random.Next(2) == 0) disk.PowerFailsAt = disk.Operations + random.Next(1, 40);
            ChunkStore? store = null;
            try
            {
                store = threads.Run(() => ChunkStore.OpenAsync(options, new FakeTimeProvider(), NullLogger.Instance, CancellationToken.None));
            }
            catch (GofsException) when (disk.IsOff)
            {
                // Below: the power comes back, and it is opened again.
            }

            if (!disk.IsOff && store is not null && store.GetDisks()[0].Fault is null)
            {
                disk.PowerFailsAt = long.MaxValue;
                return store;
            }

            Assert.True(disk.IsOff, $"seed {seed}: the disk does not open: {store?.GetDisks()[0].Fault}");
            store?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            disk.Crash(random.Next());
        }
    }

    private ChunkStoreOptions Options(SimulatedThreads threads) => new()
    {
        ClusterId = "c", ServerId = "s", DiskFolders = ["d"], ReserveBytes = 0, OpenFiles = 2, Threads = threads, OpenDisk = _ => disk.Mount(),
        JournalLimitBytes = 6000, JournalFirstBytes = 96 << 10, JournalFileBytes = 128 << 10, JournalFiles = 2,
        PackUpToBytes = packUpToBytes, PackCells = 3,
    };

    private async Task WorkAsync(ChunkStore store, int lane, Random dice)
    {
        try
        {
            while (true) await OneAsync(store, lane, dice);
        }
        catch (GofsException) when (disk.IsOff)
        {
            // The end of this life.
        }
        catch (Exception failed)
        {
            throw new InvalidOperationException($"seed {seed}: {failed.Message}", failed);
        }
    }

    private async Task OneAsync(ChunkStore store, int lane, Random dice)
    {
        var model = models[lane];
        var handle = ChunkHandle.Create(1, 0, counters[lane]);
        var version = new ChunkVersion(model.Version);
        switch (model.Now is null ? 0 : dice.Next(20))
        {
            case < 12:
                await WriteAsync(store, model, handle, version, dice);
                return;
            case < 14:
                await store.FlushAsync(handle, version, leastLengthBytes: 0, CancellationToken.None);
                model.Durable(version.Value);
                return;
            case < 16:
                var length = dice.Next(model.Now!.Length + 1);
                model.Begin(model.Now[..length]);
                await store.TruncateAsync(handle, version, length, CancellationToken.None);
                model.Durable(version.Value);
                return;
            case < 18:
                model.BeginVersion(version.Value + 1);
                await store.SetVersionAsync(handle, version.Next, version, CancellationToken.None);
                model.Durable(version.Value + 1);
                return;
            case 18:
                model.Begin(null);
                await store.DeleteAsync([handle], CancellationToken.None);
                if (dice.Next(2) == 0) Renew(lane);
                else model.Deleted();
                return;
            default:
                await ReadAllAsync(store, model, handle, version);
                return;
        }
    }

    private static async Task WriteAsync(ChunkStore store, ChunkModel model, ChunkHandle handle, ChunkVersion version, Random dice)
    {
        var now = model.Now ?? [];
        var offset = dice.Next(8) switch { < 5 => now.Length, 5 => Math.Min(ChunkBytes - 1, now.Length + dice.Next(70_000)), _ => dice.Next(now.Length + 1) };
        var most = dice.Next(6) switch { 0 => 100_000, 1 => 20_000, _ => 6_000 };
        var data = new byte[Math.Min(dice.Next(1, most), ChunkBytes - offset)];
        if (data.Length == 0) return;
        dice.NextBytes(data);
        var durable = dice.Next(3) != 0;
        if (offset > now.Length) model.Begin(Over(now, offset, []));
        model.Begin(Over(now, offset, data));
        if (dice.Next(3) == 0)
        {
            var (_, outcomes) = await store.WriteEachAsync(
                [new(handle, version, offset, data, Crc32C.Compute(data), ChunkBytes, durable)], CancellationToken.None);
            if (outcomes[0] is { } refused) throw refused;
        }
        else
        {
            await store.WriteAsync(handle, version, offset, data, Crc32C.Compute(data), ChunkBytes, durable, leastLengthBytes: 0, CancellationToken.None);
        }

        if (durable) model.Durable(version.Value);
    }

    private async Task ReadAllAsync(ChunkStore store, ChunkModel model, ChunkHandle handle, ChunkVersion version)
    {
        var into = new byte[ChunkBytes];
        var read = await store.ReadAsync(handle, version, 0, into, CancellationToken.None);
        Assert.Equal(Crc32C.Compute(into.AsSpan(0, read.Count)), read.Crc);
        Assert.True(into.AsSpan(0, read.Count).SequenceEqual(model.Now), $"seed {seed}: a live read differs");
    }

    // After an opening: what is there has to be allowed, and is then the state.
    private void Check(SimulatedThreads threads, ChunkStore store, int lane)
    {
        var model = models[lane];
        var handle = ChunkHandle.Create(1, 0, counters[lane]);
        var report = store.GetAll().FirstOrDefault(one => one.Handle == handle);
        if (report.Handle != handle)
        {
            Assert.True(model.MayBeMissing, $"seed {seed}: chunk {handle} is gone");
            model.Found(null, 1);
            return;
        }

        Assert.True(report.Version.Value >= model.LeastVersion && report.Version.Value <= model.MostVersion,
            $"seed {seed}: chunk {handle} has version {report.Version}, acknowledged was {model.LeastVersion}, begun {model.MostVersion}");
        List<byte> all = [];
        var isDamaged = false;
        for (var part = 0; part * PartBytes < ChunkBytes; part++)
        {
            var read = threads.Run(() => ReadPartAsync(store, handle, report.Version, part * PartBytes));
            Assert.True(model.Allows(part, read), $"seed {seed}: checksum block {part} of {handle} reads {read?.Length.ToString() ?? "damaged"}");
            isDamaged |= read is null;
            all.AddRange(read ?? []);
        }

        if (isDamaged) Renew(lane);
        else model.Found([.. all], report.Version.Value);
    }

    private static async Task<byte[]?> ReadPartAsync(ChunkStore store, ChunkHandle handle, ChunkVersion version, int offset)
    {
        var into = new byte[PartBytes];
        try
        {
            var read = await store.ReadAsync(handle, version, offset, into, CancellationToken.None);
            Assert.Equal(Crc32C.Compute(into.AsSpan(0, read.Count)), read.Crc);
            return into[..read.Count];
        }
        catch (GofsException damaged) when (damaged.Error == GofsError.Corrupt)
        {
            return null;
        }
    }

    private void Renew(int lane)
    {
        models[lane] = new();
        counters[lane] = nextCounter++;
    }

    private static byte[] Over(byte[] now, int offset, byte[] data)
    {
        var after = new byte[Math.Max(now.Length, offset + data.Length)];
        now.CopyTo(after, 0);
        data.CopyTo(after, offset);
        return after;
    }

    private sealed record Disposer(ChunkStore Store, SimulatedThreads Threads) : IDisposable
    {
        public void Dispose() => Store.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
