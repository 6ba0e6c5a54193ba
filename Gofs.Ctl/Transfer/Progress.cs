using Gofs.Ctl.Local;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// How far a transfer is: counted always, shown (see <see cref="ProgressBar"/>) on standard error when that is a terminal and nobody
/// asked for quiet or JSON.
/// </summary>
internal class Progress : IAsyncDisposable
{
    private long names;
    private long bytes;
    private long totalBytes = -1;

    /// <summary>Names done.</summary>
    public long Names => Interlocked.Read(ref names);

    /// <summary>Bytes done.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Bytes there are; below zero while that is not known.</summary>
    public long TotalBytes
    {
        get => Interlocked.Read(ref totalBytes);
        set => Interlocked.Exchange(ref totalBytes, value);
    }

    /// <summary>Begins; the bar's library is loaded only here.</summary>
    public static Progress Start(Invocation run, bool quiet, string what) =>
        quiet || run.Out.IsJson || LibC.IsTerminal(2) != 1 ? new Progress() : ProgressBar.Show(run, what);

    /// <summary>A name is done whose bytes were not counted on the way.</summary>
    public void Done(long lengthBytes)
    {
        Interlocked.Add(ref bytes, lengthBytes);
        Interlocked.Increment(ref names);
    }

    /// <summary>Counts one file's bytes as they move; the receiver gets the sum so far.</summary>
    public IProgress<long> File() => new OneFile(this);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class OneFile(Progress all) : IProgress<long>
    {
        private long before;

        public void Report(long value) => Interlocked.Add(ref all.bytes, value - Interlocked.Exchange(ref before, value));
    }
}
