using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Bench;

/// <summary>
/// The folder of one benchmark, and operations in it: so many of each kind, so many at once, over 64 folders. The same is done before, not counted, so
/// that figures and ceilings are of compiled code. Removed at the end.
/// </summary>
internal sealed class BenchFolder(GofsNamespace files, int atOnce, int count, int warmUp) : IAsyncDisposable
{
    private const int Folders = 64;
    private readonly GofsPath top = GofsPath.Root.Append($"bench-{Guid.NewGuid():N}");

    /// <summary>Makes it.</summary>
    public async Task MakeAsync(CancellationToken cancellation)
    {
        await files.CreateDirectoryAsync(top, cancellation: cancellation);
        for (var i = 0; i < Folders; i++) await files.CreateDirectoryAsync(top.Append($"d{i}"), cancellation: cancellation);
    }

    /// <summary>A name of a kind.</summary>
    public GofsPath Path(string kind, int i) => top.Append($"d{i & (Folders - 1)}").Append($"{kind}{i}");

    /// <summary>Does each kind of operation as often as before measuring; the numbers of these are negative.</summary>
    public async Task WarmUpAsync(CancellationToken cancellation, params Func<int, Task>[] operations)
    {
        if (warmUp == 0) return;
        foreach (var one in operations) await Rate.MeasureAsync(warmUp, atOnce, i => one(i - warmUp), cancellation);
    }

    /// <summary>Measures one kind, and says it.</summary>
    public async Task<Rate> MeasureAsync(Invocation run, string what, Func<int, Task> one)
    {
        var rate = await Rate.MeasureAsync(count, atOnce, one, run.Cancellation);
        run.Show(what, rate);
        return rate;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (await files.FindAsync(top, cancellation: CancellationToken.None) is not null)
            await files.RemoveAsync(top, recursive: true, skipTrash: true, CancellationToken.None);
    }
}
