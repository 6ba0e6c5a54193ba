using Gofs.Cluster;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Gofs.Web.SignIn;

/// <summary>Whoever a page belongs to. A page stays open for long: so it is looked now and then whether he is still a user.</summary>
internal sealed class SignedInUser(UserRoles roles, ILoggerFactory logs, IHostApplicationLifetime console) : RevalidatingServerAuthenticationStateProvider(logs)
{
    /// <inheritdoc/>
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(10);

    // A console that has stopped leads nobody away: its pages are gone.
    /// <inheritdoc/>
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        console.ApplicationStopping.IsCancellationRequested
        || (authenticationState.User.Identity is { IsAuthenticated: true, Name: { } name } && await roles.OfAsync(name, cancellationToken) > ConsoleRole.None);
}
