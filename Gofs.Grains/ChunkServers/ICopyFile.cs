using Gofs.Chunks;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// A copy of a replica that is being made on a disk: nobody reads it and no report names it until it is installed, and a start of the server finds
/// nothing of it. It has one owner, who disposes of it when nothing of it is under way any more: then what was not installed is gone.
/// Every failure is a <see cref="GofsException"/>, as of <see cref="IChunkStore"/>.
/// </summary>
public interface ICopyFile : IAsyncDisposable
{
    /// <summary>
    /// Puts bytes that are right in place. They begin with a checksum block and may end inside one: then that is all it has. Different checksum blocks
    /// may be written at once.
    /// </summary>
    ValueTask WriteAsync(long offsetBytes, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>Answers when all written so far is on stable storage.</summary>
    ValueTask SyncAsync(CancellationToken cancellation);

    /// <summary>
    /// Makes it a replica of that version and length, durably; a replica with a lower version goes. A version that is here already is fine, a lower one
    /// is <see cref="GofsError.StaleVersion"/>. When it fails the server has no replica of that version, unless the power goes before it is removed.
    /// </summary>
    ValueTask InstallAsync(ChunkVersion version, long lengthBytes, CancellationToken cancellation);
}
