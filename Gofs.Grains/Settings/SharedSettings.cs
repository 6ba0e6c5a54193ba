using Gofs.Cluster;
using Microsoft.Extensions.Primitives;

namespace Gofs.Grains.Settings;

/// <summary>
/// What is set for the cluster, as this silo knows it. It is told by whoever hears of it, in any order: what is older than what it knows changes nothing. As
/// long as nobody tells it anything it stays as it is: a silo that can't ask goes on with what it has. Thread-safe.
/// </summary>
public sealed class SharedSettings : IDisposable
{
    private readonly Lock gate = new();
    private CancellationTokenSource changed = new();

    /// <summary>What is set.</summary>
    public ClusterSettings Current { get; private set; } = ClusterSettings.None;

    /// <summary>Fires once, with the next change.</summary>
    public IChangeToken Changes
    {
        get
        {
            lock (gate) return new CancellationChangeToken(changed.Token);
        }
    }

    /// <summary>Takes note of what is set; answers whether that is news.</summary>
    public bool Learn(ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        CancellationTokenSource former;
        lock (gate)
        {
            if (settings.Revision <= Current.Revision) return false;
            (Current, former, changed) = (settings, changed, new());
        }

        former.Cancel();
        former.Dispose();
        return true;
    }

    /// <summary>The silo ends: nothing changes any more.</summary>
    public void Dispose() => changed.Dispose();
}
