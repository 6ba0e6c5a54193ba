using System.Collections.Concurrent;
using Gofs.Cluster;
using Gofs.Internal;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Settings;

/// <summary>A namespace's name and the settings in force there.</summary>
/// <param name="Name">The name.</param>
/// <param name="Config">The settings.</param>
public sealed record NamespaceSetting(string Name, NamespaceConfig Config);

/// <summary>
/// This silo's view of namespaces' settings, for the file grains: asked of the namespace at most every two seconds, so that
/// a file grain a second old does not cost the namespace a call. A change of settings is seen everywhere within that time.
/// </summary>
/// <param name="grains">How it is asked.</param>
/// <param name="time">The clock.</param>
/// <param name="pool">Where asking runs: it belongs to nobody who waits for it.</param>
public sealed class NamespaceSettings(IGrainFactory grains, TimeProvider time, TaskScheduler pool)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<int, Item> items = new();

    /// <summary>The settings of the namespace with this number.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>: there is none, or no more.</exception>
    public ValueTask<NamespaceSetting> GetAsync(int number, CancellationToken cancellation)
    {
        if (items.TryGetValue(number, out var item) && time.GetElapsedTime(item.AskedAt) < Fresh && item.Answer.IsCompletedSuccessfully)
            return new(item.Answer.Result);
        return new(RefreshAsync(number).WaitAsync(cancellation));
    }

    private Task<NamespaceSetting> RefreshAsync(int number)
    {
        var now = time.GetTimestamp();
        var item = items.AddOrUpdate(number,
            _ => new(now, new(() => pool.RunAsync(() => AskAsync(number)))),
            (_, old) => old.Running || (time.GetElapsedTime(old.AskedAt) < Fresh && old.Answer.IsCompletedSuccessfully)
                ? old
                : new(now, new(() => pool.RunAsync(() => AskAsync(number)))));
        return item.Answer;
    }

    private async Task<NamespaceSetting> AskAsync(int number)
    {
        var info = await grains.GetGrain<IClusterGrain>(0).FindNamespaceByNumberAsync(number)
            ?? throw new GofsException(GofsError.NamespaceNotFound, $"namespace number {number} does not exist (any more)");
        return new(info.Name, await grains.GetGrain<INamespaceGrain>(info.Name).GetConfigAsync());
    }

    private sealed record Item(long AskedAt, Lazy<Task<NamespaceSetting>> Ask)
    {
        public Task<NamespaceSetting> Answer => Ask.Value;

        public bool Running => Ask.IsValueCreated && !Answer.IsCompleted;
    }
}
