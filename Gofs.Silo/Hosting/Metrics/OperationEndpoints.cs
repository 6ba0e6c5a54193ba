using Microsoft.AspNetCore.Http.HttpResults;
using OpenTelemetry.Metrics;

namespace Gofs.Silo.Hosting.Metrics;

/// <summary>
/// What supervisors ask a silo over HTTP: <c>/metrics</c> in Prometheus' text, <c>/health/live</c> (200 while the process answers) and
/// <c>/health/ready</c> (200, or 503 with a reason on each line).
/// </summary>
internal static class OperationEndpoints
{
    /// <summary>Adds them.</summary>
    /// <param name="routes">Where.</param>
    /// <param name="metrics">What was collected.</param>
    /// <param name="faults">Why the silo is not ready; none when it is.</param>
    public static void Map(IEndpointRouteBuilder routes, MeterProvider metrics, Func<IReadOnlyList<string>> faults)
    {
        routes.MapPrometheusScrapingEndpoint("/metrics", metrics, configureBranchedPipeline: null, optionsName: null);
        routes.MapGet("/health/live", static () => "live");
        routes.MapGet("/health/ready", () => Ready(faults()));
    }

    private static ContentHttpResult Ready(IReadOnlyList<string> faults) =>
        faults.Count == 0 ? TypedResults.Text("ready") : TypedResults.Text(string.Join('\n', faults), statusCode: StatusCodes.Status503ServiceUnavailable);
}
