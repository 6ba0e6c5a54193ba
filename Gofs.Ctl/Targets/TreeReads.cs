using System.CommandLine;
using System.Runtime.CompilerServices;
using Gofs.Namespaces;

namespace Gofs.Ctl.Targets;

/// <summary>What commands that only look read from a namespace: of its master, or with --stale-ok of a standby where there is one.</summary>
internal sealed class TreeReads(GofsNamespace files, bool staleOk)
{
    /// <summary>The option that such commands share.</summary>
    public static readonly Option<bool> StaleOk = new("--stale-ok")
    {
        Description = "Let a standby answer, perhaps a moment behind: it costs the master nothing, and works while there is none",
    };

    /// <summary>The EditLog number of the last answer, when it was a standby's.</summary>
    public long? EditLogNumber { get; private set; }

    /// <summary>What a path leads to.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>.</exception>
    public async Task<Entry> StatAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default) =>
        staleOk ? Note(await files.Stale.StatAsync(path, followLast, cancellation)) : await files.StatAsync(path, followLast, cancellation);

    /// <summary>The entries of a directory.</summary>
    public IAsyncEnumerable<Entry> ListAsync(GofsPath directory, CancellationToken cancellation = default) =>
        staleOk ? ListStaleAsync(directory, cancellation) : files.ListAsync(directory, cancellation);

    /// <summary>What lies below a path.</summary>
    public async Task<TreeCount> CountAsync(GofsPath path, CancellationToken cancellation = default) =>
        staleOk ? Note(await files.Stale.CountAsync(path, cancellation)) : await files.CountAsync(path, cancellation);

    private async IAsyncEnumerable<Entry> ListStaleAsync(GofsPath directory, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var entry in files.Stale.ListAsync(directory, cancellation)) yield return Note(entry);
    }

    private T Note<T>(StaleRead<T> read)
    {
        EditLogNumber = read.EditLogNumber;
        return read.Value;
    }
}
