using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// Copies a tree within or between namespaces, through this process: what is at the target stays when it has another name and is
/// replaced when it has the same. Modes, owners, times and symlinks are kept; extended attributes are not.
/// </summary>
internal sealed class CopyTree(Invocation run, GofsNamespace source, GofsNamespace destination, int atOnce, Progress progress) : IDisposable
{
    private readonly WorkQueue<(GofsPath From, GofsPath To, Entry Entry)> queue = new(run.Cancellation);
    private readonly List<(GofsPath Path, Entry Entry)> directories = [];

    /// <summary>Copies.</summary>
    public async Task CopyAsync(GofsPath from, GofsPath to, Entry top)
    {
        var counted = TreeSize.TellAsync(progress, async () => (await source.CountAsync(from, queue.Cancellation)).LengthBytes);
        await queue.RunAsync(atOnce, () => WalkAsync(from, to, top), work => TryAsync(() => CopyOneAsync(work.From, work.To, work.Entry)));
        await counted;
        foreach (var (path, entry) in Enumerable.Reverse(directories))
        {
            await TryAsync(() => destination.SetAttributesAsync(
                path, entry.Mode, entry.Owner, entry.Group, entry.ModifiedAt, run.Cancellation));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    /// <summary>Copies a file with its attributes.</summary>
    public static async Task CopyFileAsync(
        GofsNamespace source, GofsNamespace destination, GofsPath from, GofsPath to, Entry entry, Progress progress, CancellationToken cancellation)
    {
        await using var file = await source.OpenAsync(from, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        await destination.PutAsync(to, file, Ownership(entry), entry.ModifiedAt, progress.File(), cancellation);
        progress.Done(0);
    }

    private static Ownership Ownership(Entry entry) => new(entry.Mode, entry.Owner, entry.Group);

    private async Task WalkAsync(GofsPath from, GofsPath to, Entry directory)
    {
        await destination.CreateDirectoryAsync(to, parents: true, Ownership(directory) with { Mode = directory.Mode | 0x1C0 }, queue.Cancellation);
        directories.Add((to, directory));
        await foreach (var entry in source.ListAsync(from, queue.Cancellation))
        {
            await TryAsync(async () =>
            {
                var (below, path) = (from.Append(entry.Name), to.Append(entry.Name));
                if (entry.Type == EntryType.Directory) await WalkAsync(below, path, entry);
                else await queue.AddAsync((below, path, entry));
            });
        }
    }

    private async Task CopyOneAsync(GofsPath from, GofsPath to, Entry entry)
    {
        if (entry.Type != EntryType.Symlink)
        {
            await CopyFileAsync(source, destination, from, to, entry, progress, queue.Cancellation);
            return;
        }

        if (await destination.FindAsync(to, followLast: false, queue.Cancellation) is { Type: not EntryType.Directory })
            await destination.RemoveAsync(to, skipTrash: true, cancellation: queue.Cancellation);
        await destination.CreateSymlinkAsync(to, entry.SymlinkTarget!, Ownership(entry), entry.ModifiedAt, queue.Cancellation);
        progress.Done(entry.LengthBytes);
    }

    private async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (GofsException failed) when (!Invocation.EndsAll(failed))
        {
            run.Fail(failed);
        }
    }
}
