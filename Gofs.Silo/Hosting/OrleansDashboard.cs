using Orleans.Dashboard;
using Orleans.Hosting;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Orleans' own dashboard: how many activations of which grain there are, and what calls cost. Each silo counts for itself; the console serves pages over
/// what they counted, with files of its own and none from elsewhere. Its view of the log is off: a silo's log has a place.
/// </summary>
internal static class OrleansDashboard
{
    /// <summary>Where it is below the console.</summary>
    public const string Path = "/orleans";

    /// <summary>A silo counts.</summary>
    public static void Configure(ISiloBuilder silo) => silo.AddDashboard(Set);

    /// <summary>Adds to a console's services what its pages need; the grains are the silo's.</summary>
    public static void AddTo(IServiceCollection console, IServiceProvider silo)
    {
        console.AddSingleton(silo.GetRequiredService<IGrainFactory>());
        new Builder(console, new ConfigurationBuilder().Build()).AddDashboard(Set);
    }

    /// <summary>Adds its pages to a console.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapOrleansDashboard(Path);

    private static void Set(DashboardOptions options) => options.HideTrace = true;

    /// <summary>The console's host is no client of Orleans', but the dashboard asks for nothing else of one.</summary>
    private sealed record Builder(IServiceCollection Services, IConfiguration Configuration) : IClientBuilder;
}
