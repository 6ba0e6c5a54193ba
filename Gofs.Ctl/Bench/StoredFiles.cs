using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>
/// What the proofs of healing and rebalancing store: files of one chunk each in a namespace of their own, with their goals, at their goals before it begins.
/// </summary>
internal sealed class StoredFiles(Invocation run, GofsClient client, string name, long chunkBytes)
{
    private const int AtOnce = 4;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly GofsNamespace files = client.Namespace(name);
    private readonly List<(GofsPath Path, long Bytes)> all = [];

    /// <summary>The namespace.</summary>
    public GofsNamespace Files => files;

    /// <summary>Where small files of the load are made.</summary>
    public GofsPath Small { get; } = GofsPath.Root.Append("small");

    /// <summary>What is stored.</summary>
    public IReadOnlyList<(GofsPath Path, long Bytes)> All => all;

    /// <summary>Makes the namespace.</summary>
    public async Task MakeAsync(int goal)
    {
        var config = await client.GetDefaultConfigAsync(run.Cancellation);
        config = config with { Goal = goal, ChunkSizeBytes = chunkBytes, TrashRetention = TimeSpan.Zero };
        await client.CreateNamespaceAsync(name, config, run.Cancellation);
        await files.CreateDirectoryAsync(Small, cancellation: run.Cancellation);
    }

    /// <summary>Stores so many bytes in a folder of a goal, and waits until every chunk has its replicas.</summary>
    public async Task StoreAsync(long bytes, int goal)
    {
        var folder = GofsPath.Root.Append($"goal-{goal}");
        await files.CreateDirectoryAsync(folder, cancellation: run.Cancellation);
        await files.SetGoalAsync(folder, goal, cancellation: run.Cancellation);
        var paths = Enumerable.Range(0, (int)Math.Max(1, bytes / chunkBytes)).Select(i => folder.Append($"file-{i}")).ToArray();
        await Parallel.ForEachAsync(paths, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = run.Cancellation },
            async (path, token) => await StreamBench.WriteAsync(files, path, chunkBytes, token));
        all.AddRange(paths.Select(path => (path, chunkBytes)));
        while (await client.GetHealingAsync(name, run.Cancellation) is not { IsHealthy: true } healing || healing.Chunks < all.Count)
            await Task.Delay(LookEvery, run.Cancellation);
    }
}
