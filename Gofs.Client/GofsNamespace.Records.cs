using Gofs.Namespaces;

namespace Gofs;

/// <summary>Records: append, read.</summary>
public sealed partial class GofsNamespace
{
    /// <summary>Opens a file to append records to it, beside others who do; makes it when it is not there.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.IsADirectory"/>, <see cref="GofsError.LeaseHeld"/> (somebody has it open for writing), <see cref="GofsError.ChunkUnavailable"/>.
    /// </exception>
    public async Task<GofsAppender> OpenAppenderAsync(GofsPath path, Ownership? ownership = null, CancellationToken cancellation = default) =>
        new(context, path, await opener.OpenForAppendingAsync(path, ownership ?? context.Options.Ownership, cancellation));

    /// <summary>Opens a file that records were appended to, from its beginning.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.IsADirectory"/>.</exception>
    public async Task<GofsRecordReader> OpenRecordReaderAsync(GofsPath path, CancellationToken cancellation = default)
    {
        var entry = await opener.FindAsync(path, cancellation);
        return new(path, await opener.OpenForReadingAsync(path, entry, cancellation));
    }
}
