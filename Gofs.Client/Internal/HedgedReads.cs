using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Reads that take long are asked of a second replica too, and the first answer counts (Dean and Barroso, "The Tail at Scale", 2013). So a server that
/// hangs, or whose disk is slow, costs a reader a tenth or two of a second and not a timeout. At most one read in twenty is asked twice, so that
/// servers which all have too much to do do not get more. A server that was too slow is asked last for ten seconds; writers do not mind it, because it lives.
/// </summary>
internal sealed class HedgedReads(IChunkTransport transport, Suspects slow, System.Buffers.ArrayPool<byte> buffers)
{
    /// <summary>After this time a read is asked of a second replica.</summary>
    public static readonly TimeSpan After = TimeSpan.FromMilliseconds(100);

    private const int ReadsForOne = 20;
    private const int MostSaved = 10 * ReadsForOne;
    private int saved = MostSaved;

    /// <summary>
    /// As <see cref="IChunkTransport.ReadAsync"/>, of <paramref name="server"/> or of <paramref name="other"/>. A failure is the first one's, unless the other
    /// failed too and later.
    /// </summary>
    public Task<int> ReadAsync(
        ServerId server, ServerId? other, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        if (transport.TryReadHere(server, chunk, offsetBytes, destination.Span, out var count)) return Task.FromResult(count);
        if (Volatile.Read(ref saved) < MostSaved) Interlocked.Increment(ref saved);
        if (other is not { } spare) return transport.ReadAsync(server, chunk, offsetBytes, destination, null, cancellation);
        var isSlow = new SlowRead();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = transport.ReadAsync(server, chunk, offsetBytes, destination, isSlow, stop.Token);
        if (!first.IsCompleted) return EitherAsync(new(server, first, isSlow, stop), spare, chunk, offsetBytes, destination, cancellation);
        stop.Dispose();
        return first;
    }

    private async Task<int> EitherAsync(
        First first, ServerId other, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        using var stop = first.Stop;
        if (await Task.WhenAny(first.Read, first.Slow.IsSo) == first.Read || !TryTake()) return await first.Read;
        var buffer = TransferBuffer.Rent(buffers, destination.Length);
        var second = transport.ReadAsync(other, chunk, offsetBytes, buffer.Memory, null, cancellation);
        try
        {
            var ended = await Task.WhenAny(first.Read, second);
            if (!ended.IsCompletedSuccessfully) ended = ended == second ? first.Read : second;
            if (ended == first.Read) return await first.Read;
            var count = await second;
            // The memory is the caller's: the first must have ended before it is filled.
            await stop.CancelAsync();
            await ((Task)first.Read).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            slow.Add(first.Server);
            buffer.Memory[..count].CopyTo(destination);
            return count;
        }
        finally
        {
            // One that nobody wants any more is not cancelled: what is just arriving could only be stopped with the connection and all that is on it.
            buffer.ReturnWhenEnded(second);
        }
    }

    private bool TryTake()
    {
        if (Interlocked.Add(ref saved, -ReadsForOne) >= 0) return true;
        Interlocked.Add(ref saved, ReadsForOne);
        return false;
    }

    private readonly record struct First(ServerId Server, Task<int> Read, SlowRead Slow, CancellationTokenSource Stop);

    private sealed class SlowRead : ISlowCall
    {
        private readonly TaskCompletionSource isSo = new();

        public TimeSpan First => After;

        public Task IsSo => isSo.Task;

        public Task<GofsException?> LookAsync()
        {
            isSo.TrySetResult();
            return Task.FromResult<GofsException?>(null);
        }
    }
}
