using Gofs.Web.Browse;
using Gofs.Web.ChunkServers;
using Gofs.Web.EditLog;
using Gofs.Web.Leases;
using Gofs.Web.Live;
using Gofs.Web.MetaServer;
using Gofs.Web.Namespaces;
using Gofs.Web.Settings;
using Gofs.Web.Shell;
using Gofs.Web.SignIn;
using Gofs.Web.Trash;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;

namespace Gofs.Web.Hosting;

/// <summary>
/// The console: a web server of its own beside the silo's host, which knows the file system by a <see cref="GofsClient"/> alone. When it dies nothing
/// else does; when the silo dies its open pages say so and load again once it is back. It keeps nothing on disk, and nothing in memory that matters.
/// </summary>
public sealed class ConsoleHost : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);
    private readonly WebApplication app;

    private ConsoleHost(WebApplication app) => this.app = app;

    /// <summary>Starts it. The client stays the caller's.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ConsoleHost> StartAsync(ConsoleOptions options, GofsClient client, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = new ConsoleHost(Build(options, client, time));
        try
        {
            await host.app.StartAsync(cancellation);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Nobody comes back to a page of this process: none waits for its browser, and goes on drawing meanwhile, when what it draws from is gone.
        app.Services.GetRequiredService<IOptions<CircuitOptions>>().Value.DisconnectedCircuitRetentionPeriod = TimeSpan.Zero;
        using var patience = new CancellationTokenSource(StopPatience, app.Services.GetRequiredService<TimeProvider>());
        try
        {
            await app.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What is still sent or taken breaks off.
        }

        await app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static WebApplication Build(ConsoleOptions options, GofsClient client, TimeProvider time)
    {
        var builder = HttpHost.Begin(options.Address, options.LogLevel, mostBodyBytes: null, options.Program);
        builder.WebHost.UseStaticWebAssets();
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        Add(builder.Services, options, client, time);

        var app = builder.Build();
        app.UseProxies(options.Proxies);
        app.UseGuard(isLocal: !options.HasSignIn);
        if (options.HasSignIn) app.UseAuthentication().UseMiddleware<SignInGate>();
        app.UseStatusCodePagesWithReExecute("/not-found");
        app.UseRouting();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapFiles();
        if (options.HasSignIn) app.MapSignIn();
        app.MapGet("/healthz", () => "ok");
        options.Beside?.Invoke(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.DisableWebSocketCompression = true);
        return app;
    }

    private static void Add(IServiceCollection services, ConsoleOptions options, GofsClient client, TimeProvider time)
    {
        // Keys live as long as the process: a page that outlives it loads again.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(forgery =>
        {
            forgery.HeaderName = FileEndpoints.ForgeryHeader;
            forgery.Cookie.Name = "gofs-console";
            forgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = 20;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(1);
        });
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight;
            mud.SnackbarConfiguration.VisibleStateDuration = 6000;
            mud.SnackbarConfiguration.PreventDuplicates = false;
        });
        services.AddSingleton(options);
        services.AddSingleton(client);
        services.AddSingleton(time);
        services.AddSingleton<IClusterSource, ClusterSource>();
        services.AddSingleton<IClusterWatch, ClusterPoll>();
        services.AddSingleton<ClusterHistory>();
        services.AddHostedService<HistorySampler>();
        services.AddSingleton(_ => new UserRoles(client.ListConsoleUsersAsync, time));
        services.AddScoped<Session>();
        if (options.HasSignIn)
        {
            services.AddSignIn();
            services.AddScoped<AuthenticationStateProvider, SignedInUser>();
        }

        services.AddScoped<ITree, TreeService>();
        services.AddScoped<ITrash, TrashService>();
        services.AddScoped<INamespaces, NamespaceService>();
        services.AddScoped<IUsage, UsageService>();
        services.AddScoped<IChunkServers, ChunkServerService>();
        services.AddScoped<IMetaServer, MetaServerService>();
        services.AddScoped<IEditLogs, EditLogService>();
        services.AddScoped<ILeases, LeaseService>();
        services.AddScoped<ISettings, SettingsService>();
        services.AddScoped<PageVisibility>();
        services.AddScoped<CircuitHandler>(circuit => circuit.GetRequiredService<PageVisibility>());
        options.BesideServices?.Invoke(services);
    }
}
