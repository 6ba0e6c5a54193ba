using System.Net;

namespace Gofs.Web.Hosting;

/// <summary>How the console is served.</summary>
public sealed record ConsoleOptions
{
    /// <summary>Where it listens.</summary>
    public required IPEndPoint Address { get; init; }

    /// <summary>The name of the program it is part of: its manifest of static files has that name.</summary>
    public required string Program { get; init; }

    /// <summary>The silo it runs in, as its pages say it.</summary>
    public string Silo { get; init; } = "";

    /// <summary>Whether one has to sign in: always where it listens on another address than loopback, or a proxy is before it.</summary>
    public bool HasSignIn => SignIn || Proxies.Count > 0 || !IPAddress.IsLoopback(Address.Address);

    /// <summary>Whether one has to sign in on loopback too.</summary>
    public bool SignIn { get; init; }

    /// <summary>Where the proxies before it are, which end TLS (<see cref="TrustedProxies"/>).</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>Whether Orleans' dashboard is among that.</summary>
    public bool HasOrleansDashboard { get; init; }

    /// <summary>The services that needs.</summary>
    public Action<IServiceCollection>? BesideServices { get; init; }

    /// <summary>What the silo serves beside the pages.</summary>
    public Action<IEndpointRouteBuilder>? Beside { get; init; }

    /// <summary>The least that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;
}
