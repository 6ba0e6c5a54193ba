using System.Runtime.InteropServices;

namespace Gofs.Ctl.Local;

/// <summary>
/// Standard input that can be given up: a read waits for bytes and takes none until there are some, so that after Ctrl-C what is
/// typed next is the shell's again.
/// </summary>
internal sealed unsafe class InputStream : Stream
{
    private const int LookMilliseconds = 50;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Task.Run(() => Read(buffer.Span, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count), CancellationToken.None);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static int Read(Span<byte> buffer, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var waiting = new LibC.PollDescriptor { Descriptor = 0, Events = LibC.PollDescriptor.Readable };
            var ready = LibC.Poll(&waiting, 1, LookMilliseconds);
            if (ready == 0) continue;
            nint read = -1;
            if (ready > 0)
                fixed (byte* bytes = buffer) read = LibC.Read(0, bytes, (nuint)buffer.Length);
            if (read >= 0) return (int)read;
            if (Marshal.GetLastPInvokeError() != LibC.Interrupted) throw new IOException($"standard input: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
