using System.Security.Claims;
using Gofs.Cluster;
using Gofs.Web.Hosting;
using Microsoft.AspNetCore.Components.Authorization;

namespace Gofs.Web.SignIn;

/// <summary>
/// Whoever is behind a page or a request. A service gets its client here, for the role that its act needs: so no act can be done by who may not, and each is
/// recorded under the name of who did it. Without sign-in, on loopback, everybody is the console and may do everything.
/// </summary>
internal sealed class Session(GofsClient shared, ConsoleOptions options, UserRoles roles, IServiceProvider services) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private ClaimsPrincipal? principal;
    private GofsClient? own;

    /// <summary>Says who it is, where that is a request and no page.</summary>
    public void Begin(ClaimsPrincipal user) => principal = user;

    /// <summary>The name; null: nobody has to sign in.</summary>
    public async Task<string?> NameAsync()
    {
        if (!options.HasSignIn) return null;
        principal ??= (await services.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync()).User;
        return principal.Identity is { IsAuthenticated: true, Name: { } name } ? name : "";
    }

    /// <summary>What may be done.</summary>
    public async Task<ConsoleRole> RoleAsync(CancellationToken cancellation = default) => await NameAsync() switch
    {
        null => ConsoleRole.Admin,
        "" => ConsoleRole.None,
        var name => await roles.OfAsync(name, cancellation),
    };

    /// <summary>The file system, for acts that need a role.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotPermitted"/>: whoever it is has not that role.</exception>
    public async Task<GofsClient> AsAsync(ConsoleRole least)
    {
        if (await NameAsync() is not { } name) return shared;
        var role = await RoleAsync();
        if (role < least)
        {
            var who = role == ConsoleRole.None ? "you are not signed in" : $"{name} is {One(role)}";
            throw new GofsException(GofsError.NotPermitted, $"that is for {Many(least)}, and {who}");
        }

        lock (gate) return own ??= new(shared.Grains, new() { User = name, Host = options.Silo.Length > 0 ? $"console on {options.Silo}" : "console" });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GofsClient? mine;
        lock (gate) (mine, own) = (own, null);
        if (mine is not null) await mine.DisposeAsync();
    }

    private static string Many(ConsoleRole role) => role == ConsoleRole.Admin ? "admins" : role == ConsoleRole.Operator ? "operators" : "users";

    private static string One(ConsoleRole role) => role == ConsoleRole.Viewer ? "a viewer" : role == ConsoleRole.Operator ? "an operator" : "an admin";
}
