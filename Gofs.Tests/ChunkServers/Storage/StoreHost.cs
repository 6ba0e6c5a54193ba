using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>A chunk store on simulated disks, its operations as calls that end when they are done.</summary>
internal sealed class StoreHost : IDisposable
{
    public const long ChunkBytes = 1 << 20;
    private readonly SimulatedThreads threads;

    public StoreHost(IReadOnlyDictionary<string, SimulatedDisk> disks, Func<ChunkStoreOptions, ChunkStoreOptions>? with = null, int threadsSeed = 1)
    {
        threads = new(threadsSeed);
        var options = new ChunkStoreOptions
        {
            ClusterId = "c", ServerId = "s", DiskFolders = [.. disks.Keys.Order(StringComparer.Ordinal)], ReserveBytes = 0,
            Threads = threads, OpenDisk = folder => disks[folder].Mount(), JournalFirstBytes = 256 << 10, JournalFileBytes = 256 << 10, JournalFiles = 2,
        };
        options = with?.Invoke(options) ?? options;
        Store = threads.Run(() => ChunkStore.OpenAsync(options, Time, NullLogger.Instance, CancellationToken.None));
    }

    public StoreHost(SimulatedDisk disk, Func<ChunkStoreOptions, ChunkStoreOptions>? with = null, int threadsSeed = 1)
        : this(new Dictionary<string, SimulatedDisk> { ["d"] = disk }, with, threadsSeed)
    {
    }

    public ChunkStore Store { get; }

    public FakeTimeProvider Time { get; } = new();

    public static ChunkHandle Handle(int i) => ChunkHandle.Create(1, 2, i);

    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public byte Write(int chunk, byte[] data, long offset = 0, bool durable = true, int version = 1, long least = 0) => threads.Run(() =>
        Store.WriteAsync(Handle(chunk), new(version), offset, data, Crc32C.Compute(data), ChunkBytes, durable, least, CancellationToken.None).AsTask());

    public byte[] Read(int chunk, int version = 1)
    {
        var into = new byte[ChunkBytes];
        return into[..threads.Run(() => Store.ReadAsync(Handle(chunk), new(version), 0, into, CancellationToken.None).AsTask()).Count];
    }

    public ChunkRead Read(int chunk, byte[] into, long offset) =>
        threads.Run(() => Store.ReadAsync(Handle(chunk), ChunkVersion.First, offset, into, CancellationToken.None).AsTask());

    public byte Flush(int chunk, long least = 0) =>
        threads.Run(() => Store.FlushAsync(Handle(chunk), ChunkVersion.First, least, CancellationToken.None).AsTask());

    public void Append(int chunk, long at, byte[] data, bool durable = true) => threads.Run(() =>
        Store.AppendAsync(Handle(chunk), ChunkVersion.First, at, data, Crc32C.Compute(data), ChunkBytes, durable, CancellationToken.None).AsTask());

    public long BeginAppend(int chunk, int version = 1) =>
        threads.Run(() => Store.BeginAppendAsync(Handle(chunk), new(version), CancellationToken.None).AsTask());

    public void Create(int chunk) => threads.Run(() => Store.CreateAsync(Handle(chunk), ChunkBytes, CancellationToken.None).AsTask());

    public long Length(int chunk) => threads.Run(() => Store.GetLengthAsync(Handle(chunk), ChunkVersion.First, CancellationToken.None).AsTask());

    public bool Repair(BadChecksumBlock bad, byte[] data) => threads.Run(() => Store.RepairAsync(bad, data, CancellationToken.None).AsTask());

    public ReplicaScrub Scrub(int chunk, ScrubPacing? pacing = null) =>
        threads.Run(() => Store.ScrubAsync(Handle(chunk), pacing ?? ((_, _) => Task.CompletedTask), CancellationToken.None));

    public bool GiveUp(DamagedReplica damaged) => threads.Run(() => Store.GiveUpAsync(damaged, CancellationToken.None));

    public bool GiveUp(BadChecksumBlock bad) => threads.Run(() => Store.GiveUpAsync(bad, CancellationToken.None));

    public void Truncate(int chunk, long length, int version = 1) =>
        threads.Run(() => Store.TruncateAsync(Handle(chunk), new(version), length, CancellationToken.None).AsTask());

    public CopySource BeginCopy(int chunk) =>
        threads.Run(() => Store.BeginCopyAsync(Handle(chunk), ChunkVersion.First, CancellationToken.None).AsTask());

    public TouchedBytes Touched(int chunk, long sourceId) =>
        threads.Run(() => Store.TakeTouchedAsync(Handle(chunk), sourceId, CancellationToken.None).AsTask());

    public ICopyFile OpenCopy(int chunk, long length) =>
        threads.Run(() => Store.OpenCopyAsync(Handle(chunk), ChunkBytes, length, CancellationToken.None).AsTask());

    public void Put(ICopyFile copy, byte[] data, long offset = 0) => threads.Run(() => copy.WriteAsync(offset, data, CancellationToken.None).AsTask());

    public void Install(ICopyFile copy, int version, long length) =>
        threads.Run(() => copy.InstallAsync(new(version), length, CancellationToken.None).AsTask());

    public void End(ICopyFile copy) => threads.Run(() => copy.DisposeAsync().AsTask());

    /// <summary>Copies and installs.</summary>
    public void Copy(int chunk, byte[] data, int version)
    {
        var copy = OpenCopy(chunk, data.Length);
        try
        {
            Put(copy, data);
            threads.Run(() => copy.SyncAsync(CancellationToken.None).AsTask());
            Install(copy, version, data.Length);
        }
        finally
        {
            threads.Run(async () =>
            {
                try
                {
                    await copy.DisposeAsync();
                }
                catch (GofsException)
                {
                    // The disk is gone: what went wrong before is what counts.
                }
            });
        }
    }

    /// <summary>Installs a copy while a write under the first version arrives; answers how the write ended.</summary>
    public GofsError? InstallBesideWrite(ICopyFile copy, int version, long length, int chunk, byte[] data, bool isWriteFirst) => threads.Run(async () =>
    {
        var written = isWriteFirst ? WriteAsync() : null;
        var installed = copy.InstallAsync(new(version), length, CancellationToken.None).AsTask();
        var refused = await (written ?? WriteAsync());
        await installed;
        return refused;

        async Task<GofsError?> WriteAsync()
        {
            try
            {
                await Store.WriteAsync(Handle(chunk), ChunkVersion.First, 0, data, Crc32C.Compute(data), ChunkBytes, durable: true, 0, CancellationToken.None);
                return null;
            }
            catch (GofsException late)
            {
                return late.Error;
            }
        }
    });

    public void SetVersion(int chunk, int version) => threads.Run(() =>
        Store.SetVersionAsync(Handle(chunk), new(version), counts: null, CancellationToken.None).AsTask());

    public void OfferVersion(int chunk, int version, int counts) =>
        threads.Run(() => Store.SetVersionAsync(Handle(chunk), new(version), new(counts), CancellationToken.None).AsTask());

    public void DeleteOlder(int chunk, int than) => threads.Run(() => Store.DeleteOlderAsync(Handle(chunk), new(than), CancellationToken.None).AsTask());

    public void Delete(params int[] chunks) => threads.Run(() => Store.DeleteAsync([.. chunks.Select(Handle)], CancellationToken.None).AsTask());

    public void WriteAtOnce(IEnumerable<int> chunks, byte[] data) => threads.Run(() => Task.WhenAll(chunks.Select(chunk =>
        Store.WriteAsync(Handle(chunk), ChunkVersion.First, 0, data, Crc32C.Compute(data), ChunkBytes, durable: true, 0, CancellationToken.None).AsTask())));

    public (byte Mark, GofsException?[] Outcomes) WriteEach(IEnumerable<ChunkWrite> writes) =>
        threads.Run(() => Store.WriteEachAsync([.. writes], CancellationToken.None).AsTask());

    public byte Write(ChunkWrite one) => threads.Run(() => Store.WriteAsync(
        one.Handle, one.Version, one.OffsetBytes, one.Data, one.Crc, one.ChunkSizeBytes, one.Durable, one.LeastLengthBytes, CancellationToken.None).AsTask());

    public void Settle() => threads.Settle();

    public static GofsError ErrorOf(Action action) => Xunit.Assert.Throws<GofsException>(action).Error;

    public void Dispose() => Store.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
