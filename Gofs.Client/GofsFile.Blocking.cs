namespace Gofs;

/// <summary>
/// The members of <see cref="Stream"/> that are not asynchronous: each runs its asynchronous twin on the thread pool and blocks the
/// caller's thread until it has ended.
/// </summary>
public sealed partial class GofsFile
{
    /// <inheritdoc/>
    public override void Flush() => Block(() => FlushAsync(CancellationToken.None));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        var read = 0;
        Block(async () => read = await ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None));
        return read;
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => Block(() => SetLengthAsync(value, CancellationToken.None));

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Block(() => WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask());
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !disposed) Block(() => DisposeAsync().AsTask());
        base.Dispose(disposing);
    }

    /// <summary>On the pool, so that a caller with a synchronization context does not wait for itself.</summary>
    private static void Block(Func<Task> operation) => Task.Run(operation).GetAwaiter().GetResult();
}
