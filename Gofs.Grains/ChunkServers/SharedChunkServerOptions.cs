using Gofs.Cluster;
using Gofs.Grains.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// What is set for the cluster goes before what this silo was started with. Whoever wants to have changes asks the options' monitor each time.
/// </summary>
internal sealed class SharedChunkServerOptions(SharedSettings shared)
    : IPostConfigureOptions<ChunkServerOptions>, IOptionsChangeTokenSource<ChunkServerOptions>
{
    /// <inheritdoc/>
    public string Name => Options.DefaultName;

    /// <inheritdoc/>
    public IChangeToken GetChangeToken() => shared.Changes;

    /// <inheritdoc/>
    public void PostConfigure(string? name, ChunkServerOptions options)
    {
        var set = shared.Current;
        if (set.Number(ClusterSetting.DeadSeconds) is { } seconds) options.DeadTime = TimeSpan.FromSeconds(seconds);
        options.CopyBytesPerSecond = set.Number(ClusterSetting.CopyBytesPerSecond) ?? options.CopyBytesPerSecond;
        options.Rebalances = set.Switch(ClusterSetting.Rebalance) ?? options.Rebalances;
        options.RebalanceBytesPerSecond = set.Number(ClusterSetting.RebalanceBytesPerSecond) ?? options.RebalanceBytesPerSecond;
        options.ScrubDays = (int)(set.Number(ClusterSetting.ScrubDays) ?? options.ScrubDays);
        options.ScrubMegabytesPerSecond = (int)(set.Number(ClusterSetting.ScrubMegabytesPerSecond) ?? options.ScrubMegabytesPerSecond);
    }
}
