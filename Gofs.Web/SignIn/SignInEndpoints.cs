using System.Security.Claims;
using Gofs.Cluster;
using Gofs.Web.Hosting;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Gofs.Web.SignIn;

/// <summary>
/// Signing in and out. A password is checked here and forgotten; what stays is a cookie that the browser gives to this console alone, that names the user
/// and ends with this process or after a working day. Who tries wrong ones waits (<see cref="SignInAttempts"/>), and no more than two are checked at once.
/// </summary>
internal static partial class SignInEndpoints
{
    private const int MostFormBytes = 64 << 10;
    private static readonly TimeSpan SessionTime = TimeSpan.FromHours(10);
    private static readonly SemaphoreSlim Checks = new(2);
    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(10);

    /// <summary>Adds what it needs.</summary>
    public static void AddSignIn(this IServiceCollection services)
    {
        services.AddSingleton<SignInAttempts>();
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = "gofs-console-user";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = SessionTime;
            cookie.SlidingExpiration = false;
        });
    }

    /// <summary>Adds the pages.</summary>
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", (string? to, HttpContext context, IAntiforgery forgery) => Page(context, forgery, to, null));
        routes.MapPost("/sign-in", SignInAsync).WithMetadata(new RequestSizeLimitAttribute(MostFormBytes));
        routes.MapPost("/sign-out", SignOutAsync);
    }

    /// <summary>Where to go on: an address of this console, whatever was asked for.</summary>
    internal static string Inside(string? to) =>
        to is ['/'] or ['/', not ('/' or '\\'), ..] && !to.Any(char.IsControl) ? to : "/";

    private static RazorComponentResult<SignInPage> Page(
        HttpContext context, IAntiforgery forgery, string? to, string? failure, int status = StatusCodes.Status200OK) =>
        new(new { Token = forgery.GetAndStoreTokens(context).RequestToken, To = Inside(to), Failure = failure }) { StatusCode = status };

    private static async Task<IResult> SignInAsync(
        HttpContext context, IAntiforgery forgery, GofsClient client, SignInAttempts attempts, UserRoles roles, ILoggerFactory logs)
    {
        if (!context.Request.HasFormContentType || !await forgery.IsRequestValidAsync(context))
            return Page(context, forgery, null, "The page is out of date: try again.", StatusCodes.Status400BadRequest);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (name, password, to) = (form["name"].ToString(), form["password"].ToString(), form["to"].ToString());
        var from = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (!await Checks.WaitAsync(CheckPatience, context.RequestAborted))
            return Page(context, forgery, to, "Too many sign in at once: try again.", StatusCodes.Status429TooManyRequests);
        try
        {
            // Looked at here, where two are at most: of many that come at once no more are checked than of those that come one after another.
            if (attempts.Wait(from) is { Ticks: > 0 } wait)
            {
                var why = $"Too many wrong passwords: try again in {Texts.Span(wait + TimeSpan.FromSeconds(1))}.";
                return Page(context, forgery, to, why, StatusCodes.Status429TooManyRequests);
            }

            if (await client.CheckConsoleUserAsync(name, password, context.RequestAborted) == ConsoleRole.None)
            {
                attempts.Failed(from);
                // Of others the name is not logged: it may be a password that was typed in the wrong place.
                var isUser = await roles.OfAsync(name, context.RequestAborted) > ConsoleRole.None;
                LogRefused(logs.CreateLogger("Gofs.Web.SignIn"), isUser ? name : "nobody known", from);
                return Page(context, forgery, to, "The name or the password is wrong.", StatusCodes.Status401Unauthorized);
            }
        }
        catch (GofsException silent)
        {
            return Page(context, forgery, to, $"The cluster does not answer: {silent.Message}", StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            Checks.Release();
        }

        var identity = new ClaimsIdentity([new(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new(identity));
        return TypedResults.LocalRedirect(Inside(to));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, IAntiforgery forgery)
    {
        if (!await forgery.IsRequestValidAsync(context)) return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return TypedResults.NoContent();
    }

    [LoggerMessage(5001, LogLevel.Warning, "A sign-in to the console as {Name} from {From} was refused")]
    private static partial void LogRefused(ILogger logger, string name, string from);
}
