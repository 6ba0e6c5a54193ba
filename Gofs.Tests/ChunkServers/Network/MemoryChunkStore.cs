using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Transport;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Tests.ChunkServers.Network;

/// <summary>Chunks in memory, for what is about the data port alone.</summary>
internal sealed class MemoryChunkStore : IChunkStore
{
    private readonly ConcurrentDictionary<ChunkHandle, byte[]> chunks = new();
    private readonly ConcurrentDictionary<ChunkHandle, long> lengths = new();
    private readonly ConcurrentDictionary<(ChunkHandle, ChunkVersion), byte> ended = new();

    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What a read, flush or several writes wait for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How often it was flushed.</summary>
    public int Flushes { get; private set; }

    /// <summary>What it says with every acknowledgement.</summary>
    public byte Mark { get; set; } = 1;

    /// <summary>How long the replica had to be, as the last write or flush said.</summary>
    public long LeastAsked { get; private set; }

    public byte[] this[ChunkHandle handle] => chunks[handle];

    public ValueTask<byte> WriteAsync(ChunkHandle handle, ChunkVersion version, long offsetBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, long leastLengthBytes, CancellationToken cancellation)
    {
        LeastAsked = leastLengthBytes;
        if (Crc32C.Compute(data.Span) != crc) throw new GofsException(GofsError.Corrupt, "the bytes that arrived do not match their CRC");
        var chunk = chunks.GetOrAdd(handle, _ => new byte[chunkSizeBytes]);
        data.Span.CopyTo(chunk.AsSpan((int)offsetBytes));
        return ValueTask.FromResult(Mark);
    }

    /// <summary>Ends when several writes were first asked for.</summary>
    public Task Asked => asked.Task;

    /// <summary>A chunk whose writes are refused, as by a full disk.</summary>
    public ChunkHandle Full { get; set; }

    /// <summary>A chunk that it has no more.</summary>
    public ChunkHandle Lost { get; set; }

    public async ValueTask<(byte Mark, GofsException?[] Outcomes)> WriteEachAsync(IReadOnlyList<ChunkWrite> writes, CancellationToken cancellation)
    {
        asked.TrySetResult();
        await Gate;
        var outcomes = new GofsException?[writes.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var one = writes[i];
            if (one.Handle == Full) outcomes[i] = new(GofsError.NoSpace, "the disk is full", one.Handle.ToString());
            else await WriteAsync(one.Handle, one.Version, one.OffsetBytes, one.Data, one.Crc, one.ChunkSizeBytes, one.Durable, 0, cancellation);
        }

        return (Mark, outcomes);
    }

    public event Action? SharesEnd;

    /// <summary>What is given for a chunk's file; null: there is none.</summary>
    public string? SharedFile { get; set; }

    public ValueTask<SafeFileHandle?> ShareAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        ValueTask.FromResult(SharedFile is null ? null : File.OpenHandle(SharedFile));

    /// <summary>What was given counts no more.</summary>
    public void EndShares() => SharesEnd?.Invoke();

    /// <summary>How often bytes were appended.</summary>
    public int Appends { get; private set; }

    public async ValueTask AppendAsync(ChunkHandle handle, ChunkVersion version, long atBytes, ReadOnlyMemory<byte> data, uint crc,
        long chunkSizeBytes, bool durable, CancellationToken cancellation)
    {
        await Gate;
        var length = lengths.GetValueOrDefault(handle);
        if (length != atBytes) throw new GofsException(GofsError.ReplicasDiffer, $"the replica ends at {length}, not {atBytes}");
        await WriteAsync(handle, version, atBytes, data, crc, chunkSizeBytes, durable, leastLengthBytes: 0, cancellation);
        lengths[handle] = atBytes + data.Length;
        Appends++;
    }

    /// <summary>Bytes are lost.</summary>
    public void Cut(ChunkHandle handle, long length) => lengths[handle] = length;

    public ValueTask CreateAsync(ChunkHandle handle, long chunkSizeBytes, CancellationToken cancellation) => default;

    public ValueTask<long> GetLengthAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) => handle == Lost
        ? ValueTask.FromException<long>(new GofsException(GofsError.ChunkNotFound, "there is no such chunk", handle.ToString()))
        : ValueTask.FromResult(lengths.GetValueOrDefault(handle));

    public ValueTask<long> BeginAppendAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) => ended.ContainsKey((handle, version))
        ? ValueTask.FromException<long>(new GofsException(GofsError.ReplicasDiffer, "an append has failed", handle.ToString()))
        : GetLengthAsync(handle, version, cancellation);

    public void EndAppends(ChunkHandle handle, ChunkVersion version) => ended[(handle, version)] = default;

    public async ValueTask<ChunkRead> ReadAsync(
        ChunkHandle handle, ChunkVersion version, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        await Gate;
        if (!chunks.TryGetValue(handle, out var chunk)) throw new GofsException(GofsError.ChunkNotFound, "there is no such chunk", handle.ToString());
        var count = (int)Math.Min(destination.Length, chunk.Length - offsetBytes);
        chunk.AsSpan((int)offsetBytes, count).CopyTo(destination.Span);
        return new(count, Crc32C.Compute(destination.Span[..count]));
    }

    public bool TryReadCached(ChunkHandle handle, ChunkVersion version, long offsetBytes, Span<byte> destination, out ChunkRead read)
    {
        read = default;
        if (!Gate.IsCompleted || !chunks.TryGetValue(handle, out var chunk)) return false;
        var bytes = chunk.AsSpan((int)offsetBytes, (int)Math.Min(destination.Length, chunk.Length - offsetBytes));
        bytes.CopyTo(destination);
        read = new(bytes.Length, Crc32C.Compute(bytes));
        return true;
    }

    public async ValueTask<byte> FlushAsync(ChunkHandle handle, ChunkVersion version, long leastLengthBytes, CancellationToken cancellation)
    {
        await Gate;
        LeastAsked = leastLengthBytes;
        Flushes++;
        return Mark;
    }

    public ValueTask<long> CheckAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) =>
        GetLengthAsync(handle, version, cancellation);

    public ValueTask TruncateAsync(ChunkHandle handle, ChunkVersion version, long lengthBytes, CancellationToken cancellation) => default;

    public ValueTask SetVersionAsync(ChunkHandle handle, ChunkVersion version, ChunkVersion? counts, CancellationToken cancellation) => default;

    public ValueTask DeleteOlderAsync(ChunkHandle handle, ChunkVersion than, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask DeleteAsync(IReadOnlyList<ChunkHandle> handles, CancellationToken cancellation) => default;

    public IReadOnlyList<BadChecksumBlock> GetBadChecksumBlocks() => [];

    public ValueTask<bool> RepairAsync(BadChecksumBlock bad, ReadOnlyMemory<byte> data, CancellationToken cancellation) => ValueTask.FromResult(false);

    public ValueTask<CopySource> BeginCopyAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<TouchedBytes> TakeTouchedAsync(ChunkHandle handle, long sourceId, CancellationToken cancellation) => throw new NotSupportedException();

    public void EndCopy(long sourceId) => throw new NotSupportedException();

    public ValueTask<ICopyFile> OpenCopyAsync(ChunkHandle handle, long chunkSizeBytes, long lengthBytes, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public IReadOnlyList<DiskStatus> GetDisks() => [];

    public IReadOnlyList<ReplicaReport> GetAll() => [];

    public IReadOnlyList<ReplicaReport> GetAll(int namespaceNumber, int shard) => [];

    public ChunkChanges TakeChanges() => new([], []);
}
