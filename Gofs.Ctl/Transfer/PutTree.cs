using Gofs.Ctl.Local;
using Gofs.Namespaces;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// Copies a local tree into a namespace: the target becomes the copy. A file that is there with the same length, time and mode is passed over, so a
/// copy that was cut off is finished by asking again. Directories are made before what is in them and get their times after it.
/// </summary>
internal sealed class PutTree(Invocation run, GofsNamespace files, int atOnce, Progress progress) : IDisposable
{
    private readonly WorkQueue<(LocalPath From, GofsPath To, LocalAttributes Attributes)> queue = new(run.Cancellation);
    private readonly List<(GofsPath Path, LocalAttributes Attributes)> directories = [];

    /// <summary>Copies.</summary>
    public async Task CopyAsync(LocalPath from, GofsPath to)
    {
        var counted = TreeSize.TellAsync(progress, () => Task.Run(() => TreeSize.OfLocal(from, queue.Cancellation)));
        await queue.RunAsync(atOnce, () => WalkAsync(from, to, LocalTree.Stat(from, follow: true)), WorkAsync);
        await counted;
        await Parallel.ForEachAsync(Enumerable.Reverse(directories), Options(), async (directory, cancellation) => await TryAsync(() =>
            SetAsync(directory.Path, directory.Attributes, cancellation)));
    }

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    private ParallelOptions Options() => new() { MaxDegreeOfParallelism = atOnce, CancellationToken = queue.Cancellation };

    private async Task WalkAsync(LocalPath from, GofsPath to, LocalAttributes attributes)
    {
        await files.CreateDirectoryAsync(to, parents: true, attributes.Ownership with { Mode = attributes.Mode | 0x1C0 }, queue.Cancellation);
        directories.Add((to, attributes));
        var there = new Dictionary<string, Entry>(StringComparer.Ordinal);
        await foreach (var entry in files.ListAsync(to, queue.Cancellation)) there[Convert.ToHexString(entry.Name)] = entry;
        foreach (var name in LocalTree.Names(from))
        {
            await TryAsync(async () =>
            {
                var (below, path) = (from.Append(name), to.Append(name));
                var known = LocalTree.Stat(below);
                if (known.Type == EntryType.Directory) await WalkAsync(below, path, known);
                else if (known.Type is null) throw new LocalFileException(below, "neither file, directory nor symlink: passed over");
                else if (there.TryGetValue(Convert.ToHexString(name), out var entry) && IsSame(known, entry)) progress.Done(known.LengthBytes);
                else await queue.AddAsync((below, path, known));
            });
        }
    }

    private static bool IsSame(LocalAttributes local, Entry entry) =>
        local.Type == entry.Type && local.LengthBytes == entry.LengthBytes && local.ModifiedAt == entry.ModifiedAt && !entry.IsOpenForWriting
        && local.Owner == entry.Owner && local.Group == entry.Group && (entry.Type == EntryType.Symlink || local.Mode == entry.Mode);

    private Task WorkAsync((LocalPath From, GofsPath To, LocalAttributes Attributes) work) => TryAsync(async () =>
    {
        var (from, to, attributes) = work;
        if (attributes.Type == EntryType.Symlink) await PutSymlinkAsync(from, to, attributes);
        else await PutFileAsync(files, from, to, attributes, progress, queue.Cancellation);
    });

    /// <summary>Copies one file with its attributes.</summary>
    public static async Task PutFileAsync(
        GofsNamespace files, LocalPath from, GofsPath to, LocalAttributes attributes, Progress progress, CancellationToken cancellation)
    {
        await using var source = LocalTree.OpenRead(from, follow: true);
        await files.PutAsync(to, source, attributes.Ownership, attributes.ModifiedAt, progress.File(), cancellation);
        progress.Done(0);
    }

    private async Task PutSymlinkAsync(LocalPath from, GofsPath to, LocalAttributes attributes)
    {
        var target = LocalTree.ReadSymlink(from);
        if (await files.FindAsync(to, followLast: false, queue.Cancellation) is { Type: not EntryType.Directory })
            await files.RemoveAsync(to, skipTrash: true, cancellation: queue.Cancellation);
        await files.CreateSymlinkAsync(to, target, attributes.Ownership with { Mode = attributes.Mode }, attributes.ModifiedAt, queue.Cancellation);
        progress.Done(attributes.LengthBytes);
    }

    private Task<Entry> SetAsync(GofsPath path, LocalAttributes attributes, CancellationToken cancellation) =>
        files.SetAttributesAsync(path, attributes.Mode, attributes.Owner, attributes.Group, attributes.ModifiedAt, cancellation);

    private async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception failed) when (failed is GofsException or LocalFileException && !Invocation.EndsAll(failed))
        {
            run.Fail(failed);
        }
    }
}
