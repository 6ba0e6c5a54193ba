using Gofs.Ctl.Local;
using Gofs.Namespaces;

namespace Gofs.Ctl.Transfer;

/// <summary>Counts what a transfer will move, in the background: a bar that cannot know its total shows none.</summary>
internal static class TreeSize
{
    /// <summary>Bytes of a local tree's files.</summary>
    public static long OfLocal(LocalPath top, CancellationToken cancellation)
    {
        long bytes = 0;
        var waiting = new Stack<LocalPath>([top]);
        while (waiting.TryPop(out var directory))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var name in LocalTree.Names(directory))
            {
                var path = directory.Append(name);
                if (LocalTree.Find(path) is not { } known) continue;
                if (known.Type == EntryType.Directory) waiting.Push(path);
                else if (known.Type is not null) bytes += known.LengthBytes;
            }
        }

        return bytes;
    }

    /// <summary>Tells a progress its total when it is known; one that can't be counted stays unknown, the transfer says why.</summary>
    public static async Task TellAsync(Progress progress, Func<Task<long>> count)
    {
        if (progress is not ProgressBar) return;
        try
        {
            progress.TotalBytes = await count();
        }
        catch (Exception failed) when (failed is GofsException or LocalFileException or OperationCanceledException)
        {
            progress.TotalBytes = -1;
        }
    }
}
