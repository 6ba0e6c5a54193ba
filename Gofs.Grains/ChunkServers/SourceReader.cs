using System.Runtime.ExceptionServices;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// The source of one copy, as its target sees it: which checksum blocks are still to be fetched, and fetching them, a few reads at once. A call that
/// fails for a passing reason is tried again; what was not fetched stays to be fetched.
/// </summary>
internal sealed class SourceReader
{
    private const int ReadsAtOnce = 4;

    /// <summary>What a small copy costs is making a file, joining and logging, not its bytes.</summary>
    private const int LeastCounted = 256 << 10;
    private const int ChecksumBlockBytes = ChecksumBlockSet.BlockBytes;
    private const int ReadChecksumBlocks = IChunkServerGrain.MaxTransferBytes / ChecksumBlockBytes;
    private const long MostChunkBytes = 1L << 30;
    private static readonly TimeSpan GoodTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2)];
    private readonly Lock gate = new();
    private readonly ReplicaCopy copy;
    private readonly CopyMeans means;
    private readonly long id;
    private readonly ChecksumBlockSet missing;
    private readonly bool hasClients;

    private SourceReader(ReplicaCopy copy, CopyMeans means, CopySource begun)
    {
        (this.copy, this.means, id, LengthBytes, ChunkSizeBytes) = (copy, means, begun.SourceId, begun.LengthBytes, begun.ChunkSizeBytes);
        missing = new(ChunkSizeBytes);
        hasClients = begun.HasClients;
        missing.AddBytes(0, LengthBytes);
    }

    /// <summary>The chunk's length when the source was last asked.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>How large the chunk may become.</summary>
    public long ChunkSizeBytes { get; }

    /// <summary>Whether an answer that said what was touched was lost, or the source has forgotten it: nothing of the copy can be believed.</summary>
    public bool HasLostTrack { get; private set; }

    /// <summary>Asks the source to remember what is touched from now on; all it has is to be fetched.</summary>
    public static async Task<SourceReader> BeginAsync(ReplicaCopy copy, CopyMeans means, CancellationToken cancellation)
    {
        var begun = await TryAsync(
            copy, means,
            () => means.ServerOf(copy.Source).BeginCopyAsync(copy.Handle, copy.Version, cancellation).WaitAsync(Patience, means.Time, cancellation),
            cancellation);
        if (begun.ChunkSizeBytes is < 1 or > MostChunkBytes || begun.LengthBytes < 0 || begun.LengthBytes > begun.ChunkSizeBytes)
            throw Nonsense(copy, $"a chunk of {begun.LengthBytes} bytes that may have {begun.ChunkSizeBytes}");
        return new(copy, means, begun);
    }

    /// <summary>The chunk's length under a version, which the source has to have.</summary>
    public Task<long> GetLengthAsync(ChunkVersion version, CancellationToken cancellation) => TryAsync(
        copy, means,
        () => means.ServerOf(copy.Source).GetLengthAsync(copy.Handle, version, cancellation).WaitAsync(Patience, means.Time, cancellation),
        cancellation);

    /// <summary>What was touched since is to be fetched again; answers how many checksum blocks that is. Not tried twice: a lost answer is lost.</summary>
    public async Task<int> TakeTouchedAsync(CancellationToken cancellation)
    {
        TouchedBytes touched;
        try
        {
            touched = await means.ServerOf(copy.Source).TakeTouchedAsync(copy.Handle, id, cancellation).WaitAsync(Patience, means.Time, cancellation);
        }
        catch (Exception failed)
        {
            HasLostTrack = true;
            if (Failures.IsOwnCancellation(failed, cancellation)) throw;
            throw Failures.Translate(failed, copy.Handle);
        }

        if (touched.LengthBytes < 0 || touched.LengthBytes > ChunkSizeBytes || touched.ChecksumBlocks.Any(index => index < 0 || index >= missing.Most))
        {
            HasLostTrack = true;
            throw Nonsense(copy, $"{touched.LengthBytes} bytes and {touched.ChecksumBlocks.Length} checksum blocks");
        }

        LengthBytes = touched.LengthBytes;
        foreach (var index in touched.ChecksumBlocks) missing.Add(index);
        missing.CutAt((int)((LengthBytes + ChecksumBlockBytes - 1) / ChecksumBlockBytes));
        return missing.Count;
    }

    /// <summary>Fetches what is missing. When it fails, what was not fetched is still missing.</summary>
    public async Task FetchAsync(ICopyFile to, ChunkVersion version, ChunkToken token, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var access = new ChunkAccess(copy.Handle, version, token);
        ExceptionDispatchInfo? first = null;
        var readers = Math.Clamp((missing.Count + ReadChecksumBlocks - 1) / ReadChecksumBlocks, 0, ReadsAtOnce);
        await Task.WhenAll(Enumerable.Range(0, readers).Select(async _ =>
        {
            try
            {
                await FetchSomeAsync(to, access, stop.Token);
            }
            catch (Exception failed)
            {
                // The others end too: only the first says why.
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(failed), null);
                await means.Pool.CancelAsync(stop);
            }
        }));
        first?.Throw();
    }

    /// <summary>The source need not remember any longer. When it can't be told it finds out itself. Never fails.</summary>
    public async Task EndAsync() => await means.ServerOf(copy.Source).EndCopyAsync(copy.Handle, id, CancellationToken.None)
        .WaitAsync(Patience, means.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

    private async Task FetchSomeAsync(ICopyFile to, ChunkAccess access, CancellationToken cancellation)
    {
        // A transport touches no memory once its read has ended, and a copy's file none once its write has: the buffer is free again in any case.
        var buffer = LargeBuffers.Shared.Rent(IChunkServerGrain.MaxTransferBytes);
        try
        {
            while (TakeRun(out var index) is var count and > 0)
            {
                try
                {
                    var into = buffer.AsMemory(0, count * ChecksumBlockBytes);
                    var read = await TryAsync(copy, means, () => ReadAsync(access, (long)index * ChecksumBlockBytes, into, cancellation), cancellation);
                    // Less than was asked for: it was cut meanwhile, and is touched.
                    if (read > 0) await to.WriteAsync((long)index * ChecksumBlockBytes, into[..read], cancellation);
                }
                catch
                {
                    lock (gate) missing.AddBytes((long)index * ChecksumBlockBytes, (long)(index + count) * ChecksumBlockBytes);
                    throw;
                }
            }
        }
        finally
        {
            LargeBuffers.Shared.Return(buffer);
        }
    }

    private async Task<int> ReadAsync(ChunkAccess access, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        // Under another version it joins, and writers wait.
        if (copy.IsMove && access.Version == copy.Version && means.MoveRate is { } slow) await slow.WaitAsync(into.Length, 1, isUrgent: false, cancellation);
        await means.Rate.WaitAsync(Math.Max(into.Length, LeastCounted), Share(), copy.IsUrgent, cancellation);
        return await means.Transport.ReadAsync(copy.Source, access, offset, into[..(int)Math.Min(into.Length, ChunkSizeBytes - offset)], null, cancellation);
    }

    // A chunk with one replica left waits for nobody's comfort, and all copies end in good time, however little clients leave for them.
    private double Share()
    {
        var share = means.Clients?.TakeShare(hasClients) ?? 1;
        var inTime = ReplicaCopies.Most * ChunkSizeBytes / GoodTime.TotalSeconds / means.Rate.BytesPerSecond;
        return Math.Max(share, Math.Min(1, copy.IsUrgent ? Math.Max(inTime, CopyPace.First) : inTime));
    }

    private int TakeRun(out int index)
    {
        lock (gate) return missing.TakeRun(ReadChecksumBlocks, out index);
    }

    private static async Task<T> TryAsync<T>(ReplicaCopy copy, CopyMeans means, Func<Task<T>> call, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception failed) when (!Failures.IsOwnCancellation(failed, cancellation))
            {
                var known = Failures.Translate(failed, copy.Handle);
                if (attempt == Pauses.Length || !Failures.IsTransient(known.Error)) throw known;
            }

            await Task.Delay(Pauses[attempt], means.Time, cancellation);
        }
    }

    private static GofsException Nonsense(ReplicaCopy copy, string what) =>
        new(GofsError.Internal, $"{copy.Source} answers {what}", copy.Handle.ToString());
}
