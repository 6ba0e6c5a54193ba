using Gofs.Cluster;

namespace Gofs.Web.SignIn;

/// <summary>Where there is sign-in, nothing is answered to who is not signed in but how to, what that page looks like, and whether the silo lives.</summary>
internal sealed class SignInGate(RequestDelegate next, UserRoles roles)
{
    private static readonly string[] Open = ["/sign-in", "/healthz", "/health/live", "/health/ready"];

    /// <summary>Passes a request on, or leads to the sign-in.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (Array.Exists(Open, one => path == one) || path.StartsWithSegments("/_content") || await IsUserAsync(context))
        {
            await next(context);
            return;
        }

        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            context.Response.Redirect($"/sign-in?to={Uri.EscapeDataString(path + context.Request.QueryString)}");
            return;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }

    private async Task<bool> IsUserAsync(HttpContext context)
    {
        if (context.User.Identity is not { IsAuthenticated: true, Name: { } name }) return false;
        try
        {
            return await roles.OfAsync(name, context.RequestAborted) > ConsoleRole.None;
        }
        catch (GofsException)
        {
            // Nobody says that he is one: he is led to the sign-in, which says that the cluster does not answer.
            return false;
        }
    }
}
