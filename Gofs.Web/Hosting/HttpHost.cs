using System.Net;

namespace Gofs.Web.Hosting;

/// <summary>
/// What all that a silo serves over HTTP has in common: a server of its own that reads no settings and no environment, and that who asks is looked at
/// (<see cref="RequestGuard"/>) before anything else is.
/// </summary>
public static class HttpHost
{
    /// <summary>Begins one.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="level">The least that is logged.</param>
    /// <param name="mostBodyBytes">The longest request body; null: any.</param>
    /// <param name="program">The program whose static files it serves; null: it has none.</param>
    public static WebApplicationBuilder Begin(IPEndPoint address, LogLevel level, long? mostBodyBytes, string? program = null)
    {
        // Its files lie beside the program, wherever that was started.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = program,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(address);
            kestrel.Limits.MaxRequestBodySize = mostBodyBytes;
        });
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(level);
        builder.Services.AddRouting();
        return builder;
    }

    /// <summary>Looks at who asks before anything else does.</summary>
    /// <param name="app">What is asked.</param>
    /// <param name="isLocal">Whether it is to be asked by the names of this machine only: where it listens on loopback and nobody signs in.</param>
    public static void UseGuard(this WebApplication app, bool isLocal) => app.UseMiddleware<RequestGuard>(isLocal);
}
