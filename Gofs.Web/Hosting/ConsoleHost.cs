using Gofs.Web.Browse;
using Gofs.Web.EditLog;
using Gofs.Web.Live;
using Gofs.Web.MetaServer;
using Gofs.Web.Namespaces;
using Gofs.Web.Shell;
using Gofs.Web.Trash;
using Microsoft.AspNetCore.DataProtection;
using MudBlazor;
using MudBlazor.Services;

namespace Gofs.Web.Hosting;

/// <summary>
/// The console: a web server of its own beside the silo's host, which knows the file system by a <see cref="GofsClient"/> alone. When it dies nothing
/// else does; when the silo dies its open pages say so and load again once it is back. It keeps nothing on disk, and nothing in memory that matters.
/// </summary>
public sealed class ConsoleHost : IAsyncDisposable
{
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
        await app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private static WebApplication Build(ConsoleOptions options, GofsClient client, TimeProvider time)
    {
        // Its files lie beside the program, wherever that was started; it reads no settings and no environment of its own.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = options.Program,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Address);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.WebHost.UseStaticWebAssets();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        Add(builder.Services, options, client, time);

        var app = builder.Build();
        app.UseMiddleware<RequestGuard>();
        app.UseStatusCodePagesWithReExecute("/not-found");
        app.UseRouting();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapFiles();
        app.MapGet("/healthz", () => "ok");
        options.Beside?.Invoke(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.DisableWebSocketCompression = true);
        return app;
    }

    private static void Add(IServiceCollection services, ConsoleOptions options, GofsClient client, TimeProvider time)
    {
        services.AddRouting();

        // Keys live as long as the process: a page that outlives it loads again.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(forgery =>
        {
            forgery.HeaderName = FileEndpoints.ForgeryHeader;
            forgery.Cookie.Name = "gofs-console";
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
        services.AddSingleton<ITree, TreeService>();
        services.AddSingleton<ITrash, TrashService>();
        services.AddSingleton<INamespaces, NamespaceService>();
        services.AddSingleton<IMetaServer, MetaServerService>();
        services.AddSingleton<IEditLogs, EditLogService>();
        services.AddScoped<PageVisibility>();
        options.BesideServices?.Invoke(services);
    }
}
