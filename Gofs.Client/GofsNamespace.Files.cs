using Gofs.Files;
using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Files: open, put, get.</summary>
public sealed partial class GofsNamespace
{
    /// <summary>
    /// Opens a file: <see cref="FileMode"/> and <see cref="FileAccess"/> mean what they do for <see cref="FileStream"/>. For writing it takes
    /// the file's writer lease (<see cref="GofsError.LeaseHeld"/> while somebody else writes) and renews it until closed.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NotFound"/>, <see cref="GofsError.AlreadyExists"/> (CreateNew), <see cref="GofsError.IsADirectory"/>,
    /// <see cref="GofsError.LeaseHeld"/>, <see cref="GofsError.InvalidArgument"/> (a mode that needs writing without it).
    /// </exception>
    public async Task<GofsFile> OpenAsync(
        GofsPath path, FileMode mode, FileAccess access, Ownership? ownership = null, CancellationToken cancellation = default)
    {
        CheckMode(path, mode, access);
        if (access == FileAccess.Read) return await OpenForReadingAsync(path, mode, ownership, cancellation);

        var (opened, file, pipeline) = await opener.OpenForWritingAsync(
            path, ownership ?? context.Options.Ownership,
            create: mode is not (FileMode.Open or FileMode.Truncate), exclusive: mode == FileMode.CreateNew,
            truncate: mode is FileMode.Create or FileMode.Truncate, firstChunk: true, atomic: false, cancellation);
        if (access == FileAccess.Write) return new GofsFile(context, path, opened.Entry, null, pipeline, mode == FileMode.Append);
        try
        {
            var planner = new ReadPlanner(context, file, path);
            await planner.RefreshAsync(0, cancellation);
            return new GofsFile(context, path, opened.Entry, planner, pipeline, append: false);
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stores a whole file: creates or replaces it with what <paramref name="source"/> has from where it stands to its end. Small files go
    /// in the fewest calls there are. <paramref name="modifiedAt"/>: nanoseconds since 1970, null for now. <paramref name="progress"/>: bytes so far.
    /// </summary>
    /// <remarks>
    /// The file takes the path in one step when it is whole: readers see the one that was there or this one, and when it fails nothing has
    /// changed. The answer is the file as it is then; its <see cref="Entry.ModifiedAt"/> is the one given, or with null the time of its creation.
    /// </remarks>
    public async Task<Entry> PutAsync(
        GofsPath path, Stream source, Ownership? ownership = null, long? modifiedAt = null, IProgress<long>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);

        // The first bytes come before anything is made or emptied: a source that cannot be read changes nothing.
        var first = await FillAsync(source, FirstBufferBytes(source), cancellation);
        if (first.Length < first.Capacity)
        {
            var whole = await wholeFiles.TryPutAsync(path, first, ownership ?? context.Options.Ownership, modifiedAt, cancellation);
            if (whole is not null)
            {
                if (whole.LengthBytes > 0) progress?.Report(whole.LengthBytes);
                return whole;
            }
        }

        WritePipeline pipeline;
        OpenedFile opened;
        try
        {
            (opened, _, pipeline) = await opener.OpenForWritingAsync(
                path, ownership ?? context.Options.Ownership, create: true, exclusive: false, truncate: false,
                firstChunk: first.Length > 0, atomic: true, cancellation);
        }
        catch
        {
            first.Return();
            throw;
        }

        try
        {
            var length = await StreamAsync(source, first, pipeline, progress, cancellation);
            await pipeline.CloseAsync(modifiedAt, cancellation);
            return opened.Entry with
            {
                LengthBytes = length,
                ModifiedAt = modifiedAt ?? opened.Entry.ModifiedAt,
                IsOpenForWriting = false,
            };
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    /// <summary>Copies a whole file into <paramref name="destination"/>, as long as it was when the copying began.</summary>
    public async Task GetAsync(GofsPath path, Stream destination, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var entry = await opener.FindAsync(path, cancellation);
        if (entry.LengthBytes == 0 && !entry.IsOpenForWriting) return;
        var planner = await opener.OpenForReadingAsync(path, entry, cancellation);
        using var ahead = new ReadAhead(context, planner);
        ahead.StartAt(0);
        await ahead.CopyToAsync(destination, progress, cancellation);
    }

    /// <summary>
    /// Where a file's bytes are: its flushed length and up to <paramref name="count"/> (1 to 1,024) of its chunks from <paramref name="firstIndex"/>
    /// on. For people and tools that look; who reads bytes opens the file.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.IsADirectory"/>, <see cref="GofsError.InvalidArgument"/>.</exception>
    public async Task<FileLayout> GetLayoutAsync(GofsPath path, int firstIndex, int count, CancellationToken cancellation = default)
    {
        var file = await opener.FindGrainAsync(path, cancellation);
        return await context.Retry.RunAsync(
            path, (file, firstIndex, count), static (at, token) => at.file.GetLayoutAsync(at.firstIndex, at.count, token), cancellation);
    }

    private async Task<GofsFile> OpenForReadingAsync(GofsPath path, FileMode mode, Ownership? ownership, CancellationToken cancellation)
    {
        if (mode == FileMode.OpenOrCreate)
        {
            if (await FindAsync(path, followLast: true, cancellation) is null)
            {
                var (_, _, pipeline) = await opener.OpenForWritingAsync(
                    path, ownership ?? context.Options.Ownership, create: true, exclusive: false, truncate: false,
                    firstChunk: false, atomic: false, cancellation);
                await pipeline.CloseAsync(null, cancellation);
            }
        }

        var entry = await opener.FindAsync(path, cancellation);
        var planner = await opener.OpenForReadingAsync(path, entry, cancellation);
        return new GofsFile(context, path, entry, planner, null, append: false);
    }

    /// <summary>One byte more than is left, so that a short read shows the end; or a whole transfer when that is not known.</summary>
    private async Task<long> StreamAsync(
        Stream source, TransferBuffer first, WritePipeline pipeline, IProgress<long>? progress, CancellationToken cancellation)
    {
        var length = (long)first.Length;
        var atEnd = first.Length < first.Capacity;
        if (length > 0 && length <= pipeline.RoomAt(0))
        {
            await pipeline.WriteOwnedAsync(0, first, cancellation);
        }
        else
        {
            await pipeline.WriteAsync(0, first.Written, cancellation);
            first.Return();
        }

        if (length > 0) progress?.Report(length);
        while (!atEnd)
        {
            var room = pipeline.RoomAt(length);
            var buffer = await FillAsync(source, room, cancellation);
            atEnd = buffer.Length < room;
            if (buffer.Length == 0)
            {
                buffer.Return();
                break;
            }

            var end = length + buffer.Length;
            await pipeline.WriteOwnedAsync(length, buffer, cancellation);
            length = end;
            progress?.Report(length);
        }

        return length;
    }

    private int FirstBufferBytes(Stream source)
    {
        if (!source.CanSeek) return context.Options.TransferBytes;
        return (int)Math.Clamp(source.Length - source.Position + 1, 1, context.Options.TransferBytes);
    }

    /// <summary>Reads until the buffer is full or the source has ended.</summary>
    private async Task<TransferBuffer> FillAsync(Stream source, int bytes, CancellationToken cancellation)
    {
        // When the source fails the buffer is not returned: a read that was cancelled may still be filling it.
        var buffer = TransferBuffer.Rent(context.Buffers, bytes);
        buffer.Length = await source.ReadAtLeastAsync(buffer.Memory, bytes, throwOnEndOfStream: false, cancellation);
        return buffer;
    }

    private static void CheckMode(GofsPath path, FileMode mode, FileAccess access)
    {
        if (!Enum.IsDefined(mode)) throw new GofsException(GofsError.InvalidArgument, $"{mode} is not a FileMode", path.ToString());
        if (!Enum.IsDefined(access)) throw new GofsException(GofsError.InvalidArgument, $"{access} is not a FileAccess", path.ToString());
        if (!access.HasFlag(FileAccess.Write) && mode is not (FileMode.Open or FileMode.OpenOrCreate))
            throw new GofsException(GofsError.InvalidArgument, $"FileMode.{mode} needs write access", path.ToString());
        if (mode == FileMode.Append && access != FileAccess.Write)
            throw new GofsException(GofsError.InvalidArgument, "FileMode.Append needs FileAccess.Write alone", path.ToString());
    }
}
