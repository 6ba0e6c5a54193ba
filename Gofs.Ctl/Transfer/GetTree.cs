using Gofs.Ctl.Local;
using Gofs.Namespaces;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// Copies a tree of a namespace to this machine: the local path becomes the copy. A file that is there with the same length, time and
/// mode is passed over. A file gets its time last, so one that was cut off is copied again.
/// </summary>
internal sealed class GetTree(Invocation run, GofsNamespace files, int atOnce, Progress progress) : IDisposable
{
    private readonly WorkQueue<(GofsPath From, LocalPath To, Entry Entry)> queue = new(run.Cancellation);
    private readonly List<(LocalPath Path, Entry Entry)> directories = [];

    /// <summary>Copies.</summary>
    public async Task CopyAsync(GofsPath from, LocalPath to)
    {
        var counted = TreeSize.TellAsync(progress, async () => (await files.CountAsync(from, queue.Cancellation)).LengthBytes);
        await queue.RunAsync(atOnce, async () => await WalkAsync(from, to, await files.StatAsync(from, cancellation: queue.Cancellation)), WorkAsync);
        await counted;
        foreach (var (path, entry) in Enumerable.Reverse(directories)) await TryAsync(() => Set(path, entry));
    }

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    /// <summary>Copies one file with its attributes; into a device or fifo only its bytes.</summary>
    public static async Task GetFileAsync(
        GofsNamespace files, GofsPath from, LocalPath to, Entry entry, Progress progress, CancellationToken cancellation)
    {
        var isSpecial = LocalTree.Find(to, follow: true) is { Type: null };
        await using (var destination = isSpecial ? LocalTree.OpenAppend(to) : LocalTree.Create(to))
            if (entry.LengthBytes > 0) await files.GetAsync(from, destination, progress.File(), cancellation);
        if (!isSpecial) await Set(to, entry);
        progress.Done(0);
    }

    private async Task WalkAsync(GofsPath from, LocalPath to, Entry directory)
    {
        if (LocalTree.Find(to, follow: true) is not { } there) LocalTree.MakeDirectory(to);
        else if (there.Type != EntryType.Directory) throw new LocalFileException(to, "it is there and no directory");
        directories.Add((to, directory));
        await foreach (var entry in files.ListAsync(from, queue.Cancellation))
        {
            await TryAsync(async () =>
            {
                var (path, local) = (from.Append(entry.Name), to.Append(entry.Name));
                if (entry.Type == EntryType.Directory) await WalkAsync(path, local, entry);
                else if (LocalTree.Find(local) is { } known && IsSame(known, entry)) progress.Done(entry.LengthBytes);
                else await queue.AddAsync((path, local, entry));
            });
        }
    }

    private static bool IsSame(LocalAttributes local, Entry entry) =>
        local.Type == entry.Type && local.LengthBytes == entry.LengthBytes && local.ModifiedAt == entry.ModifiedAt
        && (entry.Type == EntryType.Symlink || local.Mode == entry.Mode);

    private Task WorkAsync((GofsPath From, LocalPath To, Entry Entry) work) => TryAsync(async () =>
    {
        var (from, to, entry) = work;
        if (entry.Type != EntryType.Symlink)
        {
            await GetFileAsync(files, from, to, entry, progress, queue.Cancellation);
            return;
        }

        await GetSymlinkAsync(to, entry);
        progress.Done(entry.LengthBytes);
    });

    private static Task GetSymlinkAsync(LocalPath to, Entry entry)
    {
        if (LocalTree.Find(to) is { Type: not EntryType.Directory }) LocalTree.Remove(to);
        LocalTree.MakeSymlink(to, entry.SymlinkTarget!);
        return Set(to, entry);
    }

    private static Task Set(LocalPath path, Entry entry)
    {
        LocalTree.SetAttributes(path, new(entry.Type, entry.Mode, entry.Owner, entry.Group, entry.LengthBytes, entry.ModifiedAt));
        return Task.CompletedTask;
    }

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
