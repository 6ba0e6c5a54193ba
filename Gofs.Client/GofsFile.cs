using Gofs.Namespaces;

namespace Gofs;

/// <summary>
/// An open file as a <see cref="Stream"/>: read ahead, write behind, seek, truncate, append. Not thread-safe, like any stream, but
/// <see cref="ReadAtAsync"/> may be called by many at once. Bytes written are on stable storage and visible to readers after
/// <see cref="Stream.FlushAsync(CancellationToken)"/> or disposal (see <see cref="Durability"/>). Use the async members: the synchronous ones block a thread.
/// </summary>
public sealed class GofsFile : Stream
{
    /// <summary>What was opened, as of the opening.</summary>
    public Entry Entry => throw new NotImplementedException();

    /// <inheritdoc/>
    public override bool CanRead => throw new NotImplementedException();

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => throw new NotImplementedException();

    /// <inheritdoc/>
    public override long Length => throw new NotImplementedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>The modification time that closing gives the file (nanoseconds since 1970); null: now.</summary>
    public long? ModifiedAt { get; set; }

    /// <summary>Reads at a place without moving the position; answers fewer bytes than asked for only at the end.</summary>
    public ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Cuts or extends the file, durably.</summary>
    public Task SetLengthAsync(long length, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Flush() => throw new NotImplementedException();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotImplementedException();
}
