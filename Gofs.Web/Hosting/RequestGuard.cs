using System.Net;

namespace Gofs.Web.Hosting;

/// <summary>
/// Who may ask. Where there is no sign-in, a page of somebody else's that is open in the same browser must get nowhere: a name that only pretends to be this
/// machine is refused (DNS rebinding), and so is whatever another origin sends, the sockets of circuits among it. With sign-in the browser gives what shows
/// who it is to the name it was given under only. Behind a proxy it is the public address that counts (<see cref="TrustedProxies"/>).
/// </summary>
internal sealed class RequestGuard(RequestDelegate next, bool isLocal)
{
    /// <summary>Passes a request on, or refuses it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not no-referrer: with it a browser does not say where a form of ours comes from.
        headers["Referrer-Policy"] = "same-origin";
        headers.ContentSecurityPolicy =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
            + "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
        var request = context.Request;
        return IsOurName(request.Host.Host) && IsOurOrigin(request) ? next(context) : RefuseAsync(context);
    }

    private bool IsOurName(string host) =>
        !isLocal || host is "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOurOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}";
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("Only its own pages are answered here. A proxy before the console has to be in Silo:ConsoleProxies of its silo.");
    }
}
