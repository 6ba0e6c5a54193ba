using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>A transport whose reads end when the test says so. Byte n of chunk c is <see cref="ByteAt"/>(c, n).</summary>
internal sealed class FakeTransport : IChunkTransport
{
    private readonly List<PendingRead> reads = [];

    /// <summary>A read that was asked for.</summary>
    public sealed class PendingRead(
        ServerId server, ChunkHandle handle, ChunkVersion version, long offset, Memory<byte> destination, ISlowCall? slow, CancellationToken token)
    {
        private readonly TaskCompletionSource<int> ended = new();

        public ServerId Server => server;

        public ChunkHandle Handle => handle;

        public ChunkVersion Version => version;

        public long Offset => offset;

        public CancellationToken Token => token;

        public Task<int> Ended => ended.Task;

        /// <summary>Gives the bytes; fewer than asked for when the chunk ends there.</summary>
        public void Give(int? count = null)
        {
            var given = count ?? destination.Length;
            for (var i = 0; i < given; i++) destination.Span[i] = ByteAt(handle.Counter, offset + i);
            ended.SetResult(given);
        }

        /// <summary>It takes long.</summary>
        public Task LookAsync() => slow?.LookAsync() ?? Task.CompletedTask;

        public void Fail(GofsError error) => ended.SetException(new GofsException(error, "the test wants it so", handle.ToString()));

        public void Cancel() => ended.SetCanceled(token);
    }

    /// <summary>All reads so far.</summary>
    public IReadOnlyList<PendingRead> Reads => reads;

    /// <summary>What is done with a read at once; default: nothing.</summary>
    public Action<PendingRead> OnRead { get; set; } = _ => { };

    public static byte ByteAt(long chunk, long offset) => (byte)((chunk * 31) + (offset * 7) + (offset >> 8));

    public Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation)
    {
        var read = new PendingRead(server, chunk.Handle, chunk.Version, offsetBytes, destination, slow, cancellation);
        reads.Add(read);
        OnRead(read);
        return read.Ended;
    }

    public Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation) => Task.FromResult(true);

    public Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();
}
