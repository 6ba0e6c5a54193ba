using Gofs.Chunks;
using Gofs.ChunkServers;

namespace Gofs.Transport;

/// <summary>
/// How the SDK reaches the bytes of one chunk. Each call is one attempt, with no retry of its own: who calls
/// knows whether another replica, another version or another try is the answer. What it promises:
/// <list type="bullet">
/// <item>A write or flush that failed says in its <see cref="Exception.Data"/>, under <see cref="DataConnection.FailedHopKey"/>, which of the
/// servers it was; it was the first when nothing stands there.</item>
/// <item>Every failure is a <see cref="GofsException"/> or, when the token was cancelled, an <see cref="OperationCanceledException"/>.</item>
/// <item>Every call ends within a time of the transport's own, and at once when its token is cancelled.</item>
/// <item>Bytes are checked against their CRC32C before they are given out; a mismatch is <see cref="GofsError.Corrupt"/>.</item>
/// <item>The memory a read fills is not touched once its task has ended, however it ended.</item>
/// <item>The memory a write sends may still be looked at after its task <em>failed</em> (the call may be under way yet): only a
/// buffer whose write succeeded may be used again.</item>
/// </list>
/// </summary>
internal interface IChunkTransport
{
    /// <summary>Writes 1 byte to 1 MiB on every replica: the servers, primary first.</summary>
    Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation);

    /// <summary>
    /// Writes several whole small chunks (1 to <see cref="ChunkWrites.MostChunks"/>, 1 MiB with what is said of them) that have the same servers, on every
    /// replica, all durable or none. Answers in their order why one was refused; null: every replica has it.
    /// <see cref="GofsError.InvalidArgument"/>: a server of the chain, the one that is named, does not know how yet.
    /// </summary>
    Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation);

    /// <summary>Appends to every replica: the servers, primary first; answers where in the chunk the primary has put it.</summary>
    Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation);

    /// <summary>
    /// Fills <paramref name="destination"/> (at most 1 MiB) from an offset; answers how many bytes the chunk had there. While it takes long
    /// <paramref name="slow"/> is asked, if the transport can.
    /// </summary>
    Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation);

    /// <summary>
    /// As <see cref="ReadAsync"/>, at once and on the caller's thread, when the replica is on this machine and may be read without its server; false: it is
    /// not.
    /// </summary>
    bool TryReadHere(ServerId server, in ChunkAccess chunk, long offsetBytes, Span<byte> destination, out int count)
    {
        count = 0;
        return false;
    }

    /// <summary>Answers when all written to the chunk so far is on stable storage of every replica.</summary>
    Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation);

    /// <summary>Whether a server answers, whatever it says; known within two seconds.</summary>
    Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation);
}
