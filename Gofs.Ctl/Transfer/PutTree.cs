using System.Threading.Channels;
using Gofs.Ctl.Local;
using Gofs.Namespaces;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// Copies a local tree into a namespace: the target becomes the copy. A file that is there with the same length, time and mode is passed over, so a
/// copy that was cut off is finished by asking again. Directories are made before what is in them and get their times after it.
/// </summary>
internal sealed class PutTree(Invocation run, GofsNamespace files, int atOnce, Progress progress)
{
    private readonly Channel<(LocalPath From, GofsPath To, LocalAttributes Attributes)> queue =
        Channel.CreateBounded<(LocalPath, GofsPath, LocalAttributes)>(1024);

    private readonly List<(GofsPath Path, LocalAttributes Attributes)> directories = [];

    /// <summary>Copies.</summary>
    public async Task CopyAsync(LocalPath from, GofsPath to)
    {
        var workers = Enumerable.Range(0, atOnce).Select(_ => Task.Run(WorkAsync)).ToArray();
        try
        {
            await WalkAsync(from, to, LocalTree.Stat(from, follow: true));
        }
        finally
        {
            queue.Writer.Complete();
        }

        await Task.WhenAll(workers);
        await Parallel.ForEachAsync(Enumerable.Reverse(directories), Options(), async (directory, cancellation) => await TryAsync(() =>
            SetAsync(directory.Path, directory.Attributes, cancellation)));
    }

    private ParallelOptions Options() => new() { MaxDegreeOfParallelism = atOnce, CancellationToken = run.Cancellation };

    private async Task WalkAsync(LocalPath from, GofsPath to, LocalAttributes attributes)
    {
        await files.CreateDirectoryAsync(to, parents: true, attributes.Ownership with { Mode = attributes.Mode | 0x1C0 }, run.Cancellation);
        directories.Add((to, attributes));
        var there = new Dictionary<string, Entry>(StringComparer.Ordinal);
        await foreach (var entry in files.ListAsync(to, run.Cancellation)) there[Convert.ToHexString(entry.Name)] = entry;
        foreach (var name in LocalTree.Names(from))
        {
            await TryAsync(async () =>
            {
                var (below, path) = (from.Append(name), to.Append(name));
                var known = LocalTree.Stat(below);
                if (known.Type == EntryType.Directory) await WalkAsync(below, path, known);
                else if (known.Type is null) throw new LocalFileException(below, "neither file, directory nor symlink: passed over");
                else if (there.TryGetValue(Convert.ToHexString(name), out var entry) && IsSame(known, entry)) progress.Done(known.LengthBytes);
                else await queue.Writer.WriteAsync((below, path, known), run.Cancellation);
            });
        }
    }

    private static bool IsSame(LocalAttributes local, Entry entry) =>
        local.Type == entry.Type && local.LengthBytes == entry.LengthBytes && local.ModifiedAt == entry.ModifiedAt && !entry.IsOpenForWriting
        && local.Owner == entry.Owner && local.Group == entry.Group && (entry.Type == EntryType.Symlink || local.Mode == entry.Mode);

    private async Task WorkAsync()
    {
        await foreach (var (from, to, attributes) in queue.Reader.ReadAllAsync(run.Cancellation))
        {
            await TryAsync(async () =>
            {
                if (attributes.Type == EntryType.Symlink) await PutSymlinkAsync(from, to, attributes);
                else await PutFileAsync(files, from, to, attributes, run.Cancellation);
                progress.Done(attributes.LengthBytes);
            });
        }
    }

    /// <summary>Copies one file with its attributes.</summary>
    public static async Task PutFileAsync(GofsNamespace files, LocalPath from, GofsPath to, LocalAttributes attributes, CancellationToken cancellation)
    {
        await using var source = LocalTree.OpenRead(from, follow: true);
        await files.PutAsync(to, source, attributes.Ownership, attributes.ModifiedAt, cancellation: cancellation);
    }

    private async Task PutSymlinkAsync(LocalPath from, GofsPath to, LocalAttributes attributes)
    {
        var target = LocalTree.ReadSymlink(from);
        if (await files.FindAsync(to, followLast: false, run.Cancellation) is { Type: not EntryType.Directory })
            await files.RemoveAsync(to, skipTrash: true, cancellation: run.Cancellation);
        await files.CreateSymlinkAsync(to, target, attributes.Ownership with { Mode = attributes.Mode }, attributes.ModifiedAt, run.Cancellation);
    }

    private Task<Entry> SetAsync(GofsPath path, LocalAttributes attributes, CancellationToken cancellation) =>
        files.SetAttributesAsync(path, attributes.Mode, attributes.Owner, attributes.Group, attributes.ModifiedAt, cancellation);

    private async Task TryAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception failed) when (failed is GofsException { Error: not (GofsError.SiloUnreachable or GofsError.NamespaceNotFound) } or LocalFileException)
        {
            lock (directories) run.Fail(failed);
        }
    }
}
