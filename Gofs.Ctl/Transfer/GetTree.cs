using System.Threading.Channels;
using Gofs.Ctl.Local;
using Gofs.Namespaces;

namespace Gofs.Ctl.Transfer;

/// <summary>
/// Copies a tree of a namespace to this machine: the local path becomes the copy. A file that is there with the same length, time and
/// mode is passed over. A file gets its time last, so one that was cut off is copied again.
/// </summary>
internal sealed class GetTree(Invocation run, GofsNamespace files, int atOnce, Progress progress)
{
    private readonly Channel<(GofsPath From, LocalPath To, Entry Entry)> queue = Channel.CreateBounded<(GofsPath, LocalPath, Entry)>(1024);
    private readonly List<(LocalPath Path, Entry Entry)> directories = [];

    /// <summary>Copies.</summary>
    public async Task CopyAsync(GofsPath from, LocalPath to)
    {
        var workers = Enumerable.Range(0, atOnce).Select(_ => Task.Run(WorkAsync)).ToArray();
        try
        {
            await WalkAsync(from, to, await files.StatAsync(from, cancellation: run.Cancellation));
        }
        finally
        {
            queue.Writer.Complete();
        }

        await Task.WhenAll(workers);
        foreach (var (path, entry) in Enumerable.Reverse(directories)) await TryAsync(() => Set(path, entry));
    }

    /// <summary>Copies one file with its attributes.</summary>
    public static async Task GetFileAsync(GofsNamespace files, GofsPath from, LocalPath to, Entry entry, CancellationToken cancellation)
    {
        await using (var destination = LocalTree.Create(to))
            if (entry.LengthBytes > 0) await files.GetAsync(from, destination, cancellation: cancellation);
        await Set(to, entry);
    }

    private async Task WalkAsync(GofsPath from, LocalPath to, Entry directory)
    {
        if (LocalTree.Find(to, follow: true) is not { } there) LocalTree.MakeDirectory(to);
        else if (there.Type != EntryType.Directory) throw new LocalFileException(to, "it is there and no directory");
        directories.Add((to, directory));
        await foreach (var entry in files.ListAsync(from, run.Cancellation))
        {
            await TryAsync(async () =>
            {
                var (path, local) = (from.Append(entry.Name), to.Append(entry.Name));
                if (entry.Type == EntryType.Directory) await WalkAsync(path, local, entry);
                else if (LocalTree.Find(local) is { } known && IsSame(known, entry)) progress.Done(entry.LengthBytes);
                else await queue.Writer.WriteAsync((path, local, entry), run.Cancellation);
            });
        }
    }

    private static bool IsSame(LocalAttributes local, Entry entry) =>
        local.Type == entry.Type && local.LengthBytes == entry.LengthBytes && local.ModifiedAt == entry.ModifiedAt
        && (entry.Type == EntryType.Symlink || local.Mode == entry.Mode);

    private async Task WorkAsync()
    {
        await foreach (var (from, to, entry) in queue.Reader.ReadAllAsync(run.Cancellation))
        {
            await TryAsync(async () =>
            {
                if (entry.Type == EntryType.Symlink) await GetSymlinkAsync(to, entry);
                else await GetFileAsync(files, from, to, entry, run.Cancellation);
                progress.Done(entry.LengthBytes);
            });
        }
    }

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
        catch (Exception failed) when (failed is GofsException { Error: not (GofsError.SiloUnreachable or GofsError.NamespaceNotFound) } or LocalFileException)
        {
            lock (directories) run.Fail(failed);
        }
    }
}
