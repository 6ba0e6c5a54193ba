using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>
/// An open file as a <see cref="Stream"/>: read ahead, write behind, seek, truncate, append. Not thread-safe, like any stream, but
/// <see cref="ReadAtAsync"/> may be called by many at once. Bytes written are on stable storage and visible to readers after
/// <see cref="Stream.FlushAsync(CancellationToken)"/> or disposal (see <see cref="Durability"/>). Use the async members: the synchronous ones block a thread.
/// <para>
/// A reader sees the length that was flushed when it opened the file, and asks again when it comes to the end, so a file that
/// another writes can be followed. A handle that reads and writes sees its own writes: reading flushes them first.
/// </para>
/// <para>
/// A write that fails for good puts the handle at fault: every further operation throws the same <see cref="GofsException"/>, and what was not
/// flushed is lost. Disposing such a handle gives the lease up; it throws the failure only if nothing has thrown it yet.
/// </para>
/// </summary>
public sealed partial class GofsFile : Stream
{
    private readonly GofsPath path;
    private readonly ReadPlanner? planner;
    private readonly ReadAhead? ahead;
    private readonly WritePipeline? pipeline;
    private readonly long appendStart;
    private long position;
    private long sequentialFrom = -1;
    private bool readerIsBehind;
    private bool failureTold;
    private bool disposed;

    internal GofsFile(
        ClientContext context, GofsPath path, Entry entry, ReadPlanner? planner, WritePipeline? pipeline, bool append)
    {
        this.path = path;
        this.planner = planner;
        this.pipeline = pipeline;
        Entry = entry;
        if (planner is not null) ahead = new ReadAhead(context, planner);
        if (append) position = appendStart = pipeline!.LengthBytes;
    }

    /// <summary>What was opened, as of the opening.</summary>
    public Entry Entry { get; }

    /// <inheritdoc/>
    public override bool CanRead => planner is not null && !disposed;

    /// <inheritdoc/>
    public override bool CanSeek => !disposed;

    /// <inheritdoc/>
    public override bool CanWrite => pipeline is not null && !disposed;

    /// <summary>Bytes the file has: for a writer with what it wrote, for a reader what was flushed as last heard.</summary>
    public override long Length => pipeline?.LengthBytes ?? planner!.LengthBytes;

    /// <inheritdoc/>
    public override long Position
    {
        get => position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <summary>The modification time that closing gives the file (nanoseconds since 1970); null: now, if anything was written.</summary>
    public long? ModifiedAt { get; set; }

    /// <summary>Reads at a place without moving the position; answers fewer bytes than asked for only at the end.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.Corrupt"/>, <see cref="GofsError.ChunkUnavailable"/>, <see cref="GofsError.DiskFailed"/>: no replica gave the bytes.
    /// </exception>
    public async ValueTask<int> ReadAtAsync(long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var reader = Reader();
        await ShowOwnWritesAsync(reader, cancellation);
        return await reader.ReadAtAsync(offset, destination, cancellation);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reader = Reader();
        await ShowOwnWritesAsync(reader, cancellationToken);
        if (buffer.Length == 0) return 0;
        if (position >= reader.LengthBytes) await reader.RefreshAsync(position, cancellationToken);
        if (position >= reader.LengthBytes) return 0;

        int count;
        if (!ahead!.StandsAt(position) && sequentialFrom == position) ahead.StartAt(position);
        if (ahead.StandsAt(position))
        {
            count = await ahead.ReadAsync(buffer, cancellationToken);
        }
        else
        {
            ahead.LetGo();
            count = await reader.ReadAtAsync(position, buffer, cancellationToken);
        }

        position += count;
        sequentialFrom = position;
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var writer = Writer();
        if (position > long.MaxValue - buffer.Length)
            throw new GofsException(GofsError.InvalidArgument, "a file is shorter than 2^63 bytes", path.ToString());
        ahead?.LetGo();
        sequentialFrom = -1;
        readerIsBehind = true;
        await TellingAsync(writer.WriteAsync(position, buffer, cancellationToken));
        position += buffer.Length;
    }

    /// <summary>Makes everything written so far durable (as the namespace wants it) and visible to readers.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.LeaseExpired"/>, or why a write failed.</exception>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (pipeline is not null) await TellingAsync(new ValueTask(pipeline.FlushAsync(cancellationToken)));
    }

    /// <summary>Cuts or extends the file, durably; what was written before is flushed first. The position is moved to the end if it is past it.</summary>
    public async Task SetLengthAsync(long length, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length < appendStart)
            throw new GofsException(GofsError.InvalidArgument, "a file opened for appending is not cut below where it began", path.ToString());
        var writer = Writer();
        ahead?.LetGo();
        await TellingAsync(new ValueTask(writer.SetLengthAsync(length, cancellation)));
        if (planner is not null) await planner.StartOverAsync(cancellation);
        position = Math.Min(position, length);
    }

    /// <summary>Moves the position; past the end is allowed, and writing there leaves a hole that reads as zeros.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: before the beginning, or before where appending began.</exception>
    public override long Seek(long offset, SeekOrigin origin)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => checked(position + offset),
            SeekOrigin.End => checked(Length + offset),
            _ => throw new GofsException(GofsError.InvalidArgument, $"{origin} is not a SeekOrigin", path.ToString()),
        };
        if (target < 0) throw new GofsException(GofsError.InvalidArgument, "a position is not negative", path.ToString());
        if (target < appendStart)
            throw new GofsException(GofsError.InvalidArgument, "a file opened for appending is not written before where it began", path.ToString());
        position = target;
        return target;
    }

    /// <summary>Flushes, gives the file its modification time and ends the lease.</summary>
    /// <exception cref="GofsException">What was not flushed could not be, and nobody has been told yet.</exception>
    public override async ValueTask DisposeAsync()
    {
        if (!disposed)
        {
            disposed = true;
            ahead?.Dispose();
            if (pipeline is not null)
            {
                if (failureTold) await pipeline.DisposeAsync();
                else await pipeline.CloseAsync(ModifiedAt, CancellationToken.None);
            }
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private ReadPlanner Reader()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return planner ?? throw new NotSupportedException("The file was not opened for reading.");
    }

    private WritePipeline Writer()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return pipeline ?? throw new NotSupportedException("The file was not opened for writing.");
    }

    private async ValueTask ShowOwnWritesAsync(ReadPlanner reader, CancellationToken cancellation)
    {
        if (pipeline is null) return;
        if (pipeline.HasUnflushed) await TellingAsync(new ValueTask(pipeline.FlushAsync(cancellation)));
        if (!readerIsBehind) return;
        await reader.StartOverAsync(cancellation);
        readerIsBehind = false;
    }

    /// <summary>Remembers that the caller got to know of a failed write.</summary>
    private async ValueTask TellingAsync(ValueTask operation)
    {
        try
        {
            await operation;
        }
        catch (GofsException failure) when (pipeline!.IsAtFault(failure))
        {
            failureTold = true;
            throw;
        }
    }
}
