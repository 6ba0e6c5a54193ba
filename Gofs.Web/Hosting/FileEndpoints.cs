using System.Globalization;
using Gofs.Cluster;
using Gofs.Web.Browse;
using Gofs.Web.SignIn;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Gofs.Web.Hosting;

/// <summary>
/// Files in and out, streamed and of any size: <c>GET /files/NAMESPACE?path=/a</c> (ranges work) and <c>PUT</c> of the same with the file as the
/// body. An upload carries the page's anti-forgery token; a download answers no other site.
/// </summary>
internal static class FileEndpoints
{
    /// <summary>The header of the anti-forgery token.</summary>
    public const string ForgeryHeader = "X-Gofs-Forgery";

    /// <summary>The address of a file.</summary>
    public static string Address(string space, GofsPath path, bool inline = false) =>
        $"files/{Uri.EscapeDataString(space)}?path={Uri.EscapeDataString(PathText.Of(path))}{(inline ? "&inline=1" : "")}";

    /// <summary>Adds them.</summary>
    public static void MapFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/files/{space}", DownloadAsync);
        routes.MapPut("/files/{space}", UploadAsync);
    }

    private static async Task<IResult> DownloadAsync(string space, string path, HttpContext context, GofsClient client)
    {
        if (context.Request.Headers["Sec-Fetch-Site"] == "cross-site") return Refused(StatusCodes.Status403Forbidden, "A file is not given to other sites.");
        try
        {
            var at = PathText.Parse(path);
            var file = await client.Namespace(space).OpenAsync(at, FileMode.Open, FileAccess.Read, cancellation: context.RequestAborted);
            var entry = file.Entry;
            var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{entry.Inode.Value:x}-{entry.ModifiedAt:x}-{file.Length:x}\""));
            if (context.Request.Query.ContainsKey("inline") && Preview.PictureType(at) is { } picture)
            {
                // Whatever the bytes are, they are shown as that picture or not at all.
                context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
                return TypedResults.Stream(file, picture, entityTag: tag, enableRangeProcessing: true);
            }

            return TypedResults.Stream(file, "application/octet-stream", at.NameText, entityTag: tag, enableRangeProcessing: true);
        }
        catch (GofsException refused)
        {
            return Refused(StatusOf(refused.Error), refused.Message);
        }
    }

    private static async Task<IResult> UploadAsync(string space, string path, bool? replace, HttpContext context, Session session, IAntiforgery forgery)
    {
        if (!await forgery.IsRequestValidAsync(context)) return Refused(StatusCodes.Status403Forbidden, "The page is out of date: load it again.");
        try
        {
            session.Begin(context.User);
            var (at, tree) = (PathText.Parse(path), (await session.AsAsync(ConsoleRole.Operator)).Namespace(space));
            if (replace is not true && await tree.FindAsync(at, cancellation: context.RequestAborted) is not null)
                throw new GofsException(GofsError.AlreadyExists, "there is something of that name already", at.ToString());
            await tree.PutAsync(at, context.Request.Body, cancellation: context.RequestAborted);
            return TypedResults.NoContent();
        }
        catch (GofsException refused)
        {
            return Refused(StatusOf(refused.Error), refused.Message);
        }
    }

    private static ContentHttpResult Refused(int status, string why) => TypedResults.Content(why, "text/plain; charset=utf-8", statusCode: status);

    private static int StatusOf(GofsError error) => error switch
    {
        GofsError.NotFound or GofsError.NamespaceNotFound => StatusCodes.Status404NotFound,
        GofsError.AlreadyExists or GofsError.LeaseHeld or GofsError.IsADirectory or GofsError.NotADirectory => StatusCodes.Status409Conflict,
        GofsError.InvalidPath or GofsError.NameTooLong or GofsError.InvalidArgument => StatusCodes.Status400BadRequest,
        GofsError.QuotaExceeded or GofsError.NoSpace => StatusCodes.Status507InsufficientStorage,
        GofsError.NotPermitted => StatusCodes.Status403Forbidden,
        GofsError.Busy or GofsError.Unavailable or GofsError.ChunkUnavailable or GofsError.SiloUnreachable => StatusCodes.Status503ServiceUnavailable,
        GofsError.Timeout => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };
}
