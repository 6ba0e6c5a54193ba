using System.Buffers;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Writes and appends: bytes are checked before the chunk's turn is taken.</summary>
internal sealed partial class ChunkStore
{
    /// <inheritdoc/>
    public async ValueTask<byte> WriteAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, long leastLengthBytes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        await CheckAndWriteAsync(new(version, offsetBytes, chunkSizeBytes, durable, leastLengthBytes, OnlyAtEnd: false), handle, data, crc, cancellation);
        return mark;
    }

    /// <inheritdoc/>
    public async ValueTask<(byte Mark, GofsException?[] Outcomes)> WriteEachAsync(IReadOnlyList<ChunkWrite> writes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        var running = new Task<GofsException?>[writes.Count];
        // Each writes its file and logs itself before it waits: held until all have, the journal writes and syncs them together.
        foreach (var disk in disks) disk.HoldJournal();
        try
        {
            for (var i = 0; i < running.Length; i++) running[i] = WriteOneAsync(writes[i], cancellation);
        }
        finally
        {
            foreach (var disk in disks) disk.LetGoJournal();
        }

        return (mark, await Task.WhenAll(running));
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(ChunkHandle handle, ChunkVersion version, long atBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        await CheckAndWriteAsync(new(version, atBytes, chunkSizeBytes, durable, LeastLengthBytes: 0, OnlyAtEnd: true), handle, data, crc, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<long> BeginAppendAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        !index.TryGet(handle, out var place) || place.Version != version || place.MayAppend
            ? EndOfAsync(handle, version, cancellation)
            : throw new GofsException(
                GofsError.ReplicasDiffer, $"an append under version {version} may have ended half-way: a new version is needed", handle.ToString());

    /// <inheritdoc/>
    public void EndAppends(ChunkHandle handle, ChunkVersion version) => index.EndAppends(handle, version);

    /// <inheritdoc/>
    public async ValueTask CreateAsync(ChunkHandle handle, long chunkSizeBytes, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        CheckSize(handle, 0, 0, chunkSizeBytes);
        await ChangeAsync(
            handle, ChunkVersion.First, MakeDurableAsync, cancellation,
            chunk => FileOrNew(chunk, ChunkVersion.First, chunkSizeBytes, leastLengthBytes: 0, bytes: chunkSizeBytes));
    }

    /// <inheritdoc/>
    public async ValueTask<long> GetLengthAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        var length = 0L;
        // Bytes of an append that failed may be in the file and on no disk: whoever logged a length with them would never find them again.
        await ChangeAsync(handle, version, file =>
        {
            length = file.Length;
            return file.IsDirty ? file.FlushAsync().AsTask() : Task.CompletedTask;
        }, cancellation);
        return length;
    }

    private async ValueTask<long> EndOfAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        var chunk = open.Take(handle);
        try
        {
            var file = FileOf(chunk);
            await chunk.Turn.TakeAsync(options.FlushTimeout, time, cancellation);
            try
            {
                CheckVersion(file, version);
                return file.Length;
            }
            finally
            {
                chunk.Turn.GiveUp();
            }
        }
        finally
        {
            chunk.Release();
        }
    }

    private async Task<GofsException?> WriteOneAsync(ChunkWrite one, CancellationToken cancellation)
    {
        try
        {
            var write = new PlacedWrite(one.Version, one.OffsetBytes, one.ChunkSizeBytes, one.Durable, one.LeastLengthBytes, OnlyAtEnd: false);
            await CheckAndWriteAsync(write, one.Handle, one.Data, one.Crc, cancellation);
            return null;
        }
        catch (GofsException refused)
        {
            return refused;
        }
    }

    private async ValueTask CheckAndWriteAsync(
        PlacedWrite write, ChunkHandle handle, ReadOnlyMemory<byte> data, uint crc, CancellationToken cancellation)
    {
        CheckSize(handle, write.OffsetBytes, data.Length, write.ChunkSizeBytes);
        var count = PartCrcs.Count(write.OffsetBytes, data.Length);
        var crcs = ArrayPool<uint>.Shared.Rent(count);
        try
        {
            if (PartCrcs.Compute(write.OffsetBytes, data.Span, crcs.AsSpan(0, count)) != crc)
                throw new GofsException(GofsError.Corrupt, "the bytes that arrived do not match their CRC", handle.ToString());
            var chunk = open.Take(handle);
            try
            {
                await WriteAsync(chunk, write, data, crcs.AsMemory(0, count), cancellation);
            }
            finally
            {
                chunk.Release();
            }
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(crcs);
        }
    }

    private static void CheckSize(ChunkHandle handle, long offset, int length, long chunkSize)
    {
        if (offset < 0 || chunkSize is < 1 or > 1L << 30 || offset + length > chunkSize)
            throw new GofsException(
                GofsError.InvalidArgument, $"a write of {length} bytes at {offset} is not inside a chunk of {chunkSize}", handle.ToString());
    }

    /// <summary>A write without its bytes.</summary>
    private readonly record struct PlacedWrite(
        ChunkVersion Version, long OffsetBytes, long ChunkSizeBytes, bool Durable, long LeastLengthBytes, bool OnlyAtEnd);
}
