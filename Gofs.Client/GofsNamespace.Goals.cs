using Gofs.Chunks;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Goals: how many replicas of a file's chunks are wanted.</summary>
public sealed partial class GofsNamespace
{
    private const int ChunksAtOnce = 1000;
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Sets how many replicas of a file's chunks are wanted, 1 to 9. Of a directory: what files made in it from now on want; with
    /// <paramref name="recursive"/> of all files and directories below it too, a symlink is passed over. The answer says that it is on record; the chunks
    /// follow by themselves, copied or trimmed in the background (<see cref="WaitForGoalAsync"/>). A chunk that clones share has the greatest of their goals.
    /// </summary>
    /// <param name="path">What; a symlink is followed.</param>
    /// <param name="goal">
    /// 1 to 9, and no fewer than <see cref="NamespaceConfig.MinReplicas"/>. More than there are chunk servers leaves the chunks below it.
    /// </param>
    /// <param name="recursive">Everything below a directory too. Each step of some thousand names is atomic, the tree is not.</param>
    /// <param name="progress">Names so far.</param>
    /// <param name="cancellation">Ends it; what was set stays.</param>
    /// <returns>Files and directories that have the goal now.</returns>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>; <see cref="GofsError.InvalidArgument"/>: the goal is out of range.</exception>
    public Task<GoalChange> SetGoalAsync(
        GofsPath path, int goal, bool recursive = false, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        SetGoalAsync(after => new SetGoal(OpId.New(), path, goal, recursive, after), progress, cancellation);

    /// <summary>
    /// Takes back what was set with <see cref="SetGoalAsync(GofsPath, int, bool, IProgress{long}?, CancellationToken)"/>: a directory has no goal of its own
    /// any more, so that files made in it want as many replicas as the namespace says; a file wants as many as the namespace says now.
    /// </summary>
    /// <param name="path">What; a symlink is followed.</param>
    /// <param name="recursive">Everything below a directory too.</param>
    /// <param name="progress">Names so far.</param>
    /// <param name="cancellation">Ends it; what was set stays.</param>
    /// <returns>Files and directories that are as the namespace says.</returns>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>; <see cref="GofsError.QuotaExceeded"/>: of stored bytes.</exception>
    public Task<GoalChange> ResetGoalAsync(
        GofsPath path, bool recursive = false, IProgress<long>? progress = null, CancellationToken cancellation = default) =>
        SetGoalAsync(after => new SetGoal(OpId.New(), path, 0, recursive, after) { AsNamespace = true }, progress, cancellation);

    /// <summary>
    /// Waits until each chunk of a file, or with <paramref name="recursive"/> of every file below a directory, has as many replicas as its goal says,
    /// no fewer and no more. Files are looked at one after the other; what is removed meanwhile is passed over. It waits for ever where there are
    /// too few chunk servers: cancel it.
    /// </summary>
    /// <param name="path">What; a symlink is followed, those below it are not.</param>
    /// <param name="recursive">Every file below a directory; without it a directory is nothing to wait for.</param>
    /// <param name="progress">Each file whose chunks have it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, and what keeps their chunks from being looked at.</exception>
    public async Task WaitForGoalAsync(
        GofsPath path, bool recursive = false, IProgress<Entry>? progress = null, CancellationToken cancellation = default)
    {
        var top = await StatAsync(path, followLast: true, cancellation);
        if (top.Type == EntryType.File) await WaitForFileAsync(path, top, progress, cancellation);
        if (top.Type != EntryType.Directory || !recursive) return;
        var waiting = new Stack<GofsPath>([path]);
        while (waiting.TryPop(out var directory))
        {
            try
            {
                await foreach (var entry in ListAsync(directory, cancellation))
                {
                    if (entry.Type == EntryType.Directory) waiting.Push(directory.Append(entry.Name));
                    if (entry.Type == EntryType.File) await WaitForFileAsync(directory.Append(entry.Name), entry, progress, cancellation);
                }
            }
            catch (GofsException removed) when (removed.Error is GofsError.NotFound or GofsError.NotADirectory && directory != path)
            {
                // Nothing is left to wait for.
            }
        }
    }

    private async Task<GoalChange> SetGoalAsync(Func<byte[][]?, SetGoal> stepAfter, IProgress<long>? progress, CancellationToken cancellation)
    {
        var (files, directories) = (0L, 0L);
        byte[][]? after = null;
        do
        {
            var command = stepAfter(after);
            var step = await context.Caller.AsksAsync(() => context.Retry.RunAsync(
                command.Path, (tree, command), static (at, token) => at.tree.SetGoalAsync(at.command, token), cancellation));
            (files, directories, after) = (files + step.Files, directories + step.Directories, step.Next);
            progress?.Report(files + directories);
        }
        while (after is not null);
        return new(files, directories);
    }

    private async Task WaitForFileAsync(GofsPath path, Entry entry, IProgress<Entry>? progress, CancellationToken cancellation)
    {
        try
        {
            // The first time at once: the entry may be of a list that was made before the tables were told.
            for (var delay = TimeSpan.Zero; entry.IsGoalPending || !await HasGoalAsync(path, cancellation);)
            {
                await Task.Delay(delay, context.Time, cancellation);
                delay = delay == TimeSpan.Zero ? FirstLook : delay * 2 < LastLook ? delay * 2 : LastLook;
                entry = await StatAsync(path, followLast: true, cancellation);
                if (entry.Type == EntryType.Directory) return;
            }
        }
        catch (GofsException removed) when (removed.Error is GofsError.NotFound or GofsError.NotADirectory or GofsError.IsADirectory)
        {
            return;
        }

        progress?.Report(entry);
    }

    private async Task<bool> HasGoalAsync(GofsPath path, CancellationToken cancellation)
    {
        for (var index = 0; ; index += ChunksAtOnce)
        {
            var layout = await GetLayoutAsync(path, index, ChunksAtOnce, cancellation);
            if (!layout.Chunks.All(chunk => chunk.Handle == ChunkHandle.None || chunk.Servers.Length == chunk.Goal)) return false;
            if (layout.Chunks.Length < ChunksAtOnce) return true;
        }
    }
}
