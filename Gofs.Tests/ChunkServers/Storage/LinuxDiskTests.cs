using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>The same on files of this machine, briefly: what only they can show.</summary>
public sealed class LinuxDiskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gofs-disk-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task ManyAtOnce_OnRealFiles_AreThereAfterAReopen()
    {
        await using (var store = await OpenAsync())
        {
            await Task.WhenAll(Enumerable.Range(1, 16).Select(lane => Task.Run(async () =>
            {
                for (var i = 0; i < 20; i++) await WriteAsync(store, (lane * 100) + i, 0, StoreHost.Bytes(1000 + i, lane));
            })));
            await WriteAsync(store, 1, 0, StoreHost.Bytes(900_000));
            await WriteAsync(store, 1, 100, StoreHost.Bytes(5000, 2));
            await store.TruncateAsync(StoreHost.Handle(1), ChunkVersion.First, 600_000, CancellationToken.None);
        }

        await using var again = await OpenAsync();
        for (var lane = 1; lane <= 16; lane++)
        {
            for (var i = 0; i < 20; i++) Assert.Equal(StoreHost.Bytes(1000 + i, lane), await ReadAsync(again, (lane * 100) + i));
        }

        byte[] expected = [.. StoreHost.Bytes(900_000)[..600_000]];
        StoreHost.Bytes(5000, 2).CopyTo(expected, 100);
        Assert.Equal(expected, await ReadAsync(again, 1));
        await again.DeleteAsync([StoreHost.Handle(1)], CancellationToken.None);
        Assert.Equal(320, again.GetAll().Count);
    }

    [Fact]
    public async Task FolderInUse_IsRefused()
    {
        await using var store = await OpenAsync();
        Assert.Equal(GofsError.ForeignFolder, (await Assert.ThrowsAsync<GofsException>(OpenAsync)).Error);
    }

    [Fact]
    public void MissingFile_IsSaidAsSuch()
    {
        using var disk = LinuxDisk.Open(folder);
        Assert.Throws<FileNotFoundException>(() => disk.Open("none", DiskOpen.Existing));
        disk.Delete("none");
        using (disk.Open("one", DiskOpen.New))
        {
        }

        Assert.Equal(17, Assert.ThrowsAny<IOException>(() => disk.Open("one", DiskOpen.New)).HResult);
    }

    private Task<ChunkStore> OpenAsync() => ChunkStore.OpenAsync(
        new() { ClusterId = "c", ServerId = "s", DiskFolders = [folder], ReserveBytes = 0, JournalFirstBytes = 256 << 10, JournalFileBytes = 512 << 10 },
        TimeProvider.System, NullLogger.Instance, CancellationToken.None);

    private static async Task WriteAsync(ChunkStore store, int chunk, long offset, byte[] data) => await store.WriteAsync(
        StoreHost.Handle(chunk), ChunkVersion.First, offset, data, Crc32C.Compute(data), StoreHost.ChunkBytes, durable: true, leastLengthBytes: 0,
        CancellationToken.None);

    private static async Task<byte[]> ReadAsync(ChunkStore store, int chunk)
    {
        var into = new byte[StoreHost.ChunkBytes];
        return into[..(await store.ReadAsync(StoreHost.Handle(chunk), ChunkVersion.First, 0, into, CancellationToken.None)).Count];
    }
}
