using Gofs.Cluster;
using Gofs.Silo.Hosting.Metrics;
using Gofs.Web.Hosting;

namespace Gofs.Silo.Hosting;

/// <summary>The web console of a silo: it reaches the file system as any client does, but without a gateway between.</summary>
internal sealed class SiloConsole : IAsyncDisposable
{
    private readonly GofsClient client;
    private readonly ConsoleHost host;

    private SiloConsole(GofsClient client, ConsoleHost host) => (this.client, this.host) = (client, host);

    /// <summary>Starts it, or answers null when the silo has not that role.</summary>
    public static async Task<SiloConsole?> StartAsync(
        SiloSettings settings, string silo, IServiceProvider services, SiloTelemetry telemetry, CancellationToken cancellation)
    {
        if (!settings.RolesInForce.HasFlag(SiloRoles.Console)) return null;
        var time = services.GetRequiredService<TimeProvider>();
        var client = new GofsClient(services.GetRequiredService<IGrainFactory>(), new() { User = "console" }, time);
        var options = new ConsoleOptions
        {
            Address = settings.ConsoleEndPoint,
            Program = typeof(SiloConsole).Assembly.GetName().Name!,
            Silo = silo,
            SignIn = settings.ConsoleSignIn,
            Proxies = settings.ProxiesInForce,
            HasOrleansDashboard = settings.OrleansDashboard,
            BesideServices = settings.OrleansDashboard ? console => OrleansDashboard.AddTo(console, services) : null,
            Beside = routes =>
            {
                OperationEndpoints.Map(routes, telemetry.Provider!, SiloHealth.Of(services).Faults);
                if (settings.OrleansDashboard) OrleansDashboard.Map(routes);
            },
            LogLevel = Enum.Parse<LogLevel>(settings.LogLevel, ignoreCase: true),
        };
        try
        {
            if (options.HasSignIn && (await client.ListConsoleUsersAsync(cancellation)).Count == 0)
                throw new GofsException(GofsError.InvalidArgument,
                    $"nobody could sign in to the console on {options.Address}: first 'gofsctl console user set NAME --role admin', with the console on loopback or off");
            return new(client, await ConsoleHost.StartAsync(options, client, time, cancellation));
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        await client.DisposeAsync();
    }
}
