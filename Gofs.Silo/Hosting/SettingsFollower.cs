using Gofs.Cluster;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Settings;
using Microsoft.Extensions.Options;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Asks every second whether something else is set for the cluster. What: a call with the revision it has, which answers nothing as long as that is the
/// latest. Why not told: a silo that was cut off has to ask anyway, and whoever only asks needs no list of silos. While nobody answers, what it
/// has holds; a silo that has just started has what it was started with until the first answer.
/// </summary>
internal sealed partial class SettingsFollower(IGrainFactory grains, SharedSettings shared, TimeProvider time, ILogger<SettingsFollower> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Adds it, and what it tells.</summary>
    public static void Add(IServiceCollection services)
    {
        AddOptions(services);
        services.AddHostedService<SettingsFollower>();
    }

    /// <summary>Adds what is set for the cluster, as this silo knows it, and has options follow it.</summary>
    public static void AddOptions(IServiceCollection services)
    {
        services.AddSingleton<SharedSettings>().AddSingleton<SharedChunkServerOptions>();
        services.AddSingleton<IPostConfigureOptions<ChunkServerOptions>>(provider => provider.GetRequiredService<SharedChunkServerOptions>());
        services.AddSingleton<IOptionsChangeTokenSource<ChunkServerOptions>>(provider => provider.GetRequiredService<SharedChunkServerOptions>());
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Every, time);
        var isSilent = false;
        do
        {
            try
            {
                var news = await grains.GetGrain<IClusterGrain>(0).GetSettingsAsync(shared.Current.Revision, stopping).WaitAsync(Patience, time, stopping);
                if (news is not null && shared.Learn(news)) LogChanged(logger, news.Revision);
                isSilent = false;
            }
            catch (Exception failed) when (!stopping.IsCancellationRequested)
            {
                if (!isSilent) LogSilent(logger, shared.Current.Revision, failed);
                isSilent = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    [LoggerMessage(4121, LogLevel.Information, "Settings of the cluster: revision {Revision} is in force here")]
    private static partial void LogChanged(ILogger logger, long revision);

    [LoggerMessage(4122, LogLevel.Warning, "The cluster's settings can't be asked for: revision {Revision} stays in force here; this is said once")]
    private static partial void LogSilent(ILogger logger, long revision, Exception failed);
}
