using System.Runtime.CompilerServices;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Checks.</summary>
public sealed partial class GofsNamespace
{
    private const int ChunksPerSecond = 1000;

    /// <summary>
    /// Checks a file or tree, or with <see cref="GofsPath.Root"/> the whole namespace: names, references, goals, versions, replicas, sizes and what
    /// nobody refers to. Gives each thing that is not as it should be as soon as it is found; nothing given is a clean bill. It goes on beside whoever
    /// uses the namespace: what merely changes while it looks is not given.
    /// </summary>
    /// <param name="path">What to check.</param>
    /// <param name="repair">Put right what can be without taking anything away; a finding says whether that was done.</param>
    /// <param name="delete">Delete what nothing refers to.</param>
    /// <param name="chunksPerSecond">
    /// How many chunks are looked at in a second at most, 1 to 1,000,000: each costs a read of at most 64 KiB from every replica.
    /// </param>
    /// <param name="progress">Told about once a second.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NamespaceNotFound"/>; <see cref="GofsError.NotFound"/>; <see cref="GofsError.InvalidArgument"/>: the silo that made the
    /// check was restarted.
    /// </exception>
    public async IAsyncEnumerable<FsckFinding> CheckAsync(
        GofsPath path, bool repair = false, bool delete = false, int chunksPerSecond = ChunksPerSecond, IProgress<FsckCounts>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var grain = context.Grains.GetGrain<INamespaceFsckGrain>($"{Name}/{OpId.New().Value:N}", null);
        var request = new FsckRequest(path, repair, delete, chunksPerSecond);
        for (var page = 0L; ; page++)
        {
            var at = page;
            var part = await context.Caller.AsksAsync(() => context.Retry.RunAsync(
                Name, (grain, request, at), static (ask, token) => ask.grain.ReadAsync(ask.request, ask.at, token), cancellation, LongWork));
            progress?.Report(part.Counts);
            foreach (var finding in part.Findings) yield return finding;
            if (part.IsLast) yield break;
        }
    }
}
