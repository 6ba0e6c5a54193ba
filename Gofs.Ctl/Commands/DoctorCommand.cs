using System.CommandLine;
using System.Globalization;
using Gofs.Cluster;
using Gofs.Ctl.CommandLine;

namespace Gofs.Ctl.Commands;

/// <summary>doctor: what is unhealthy in the whole cluster and why, since when, and what to do.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Make() => new Command("doctor", "Says on one page what is unhealthy, why, since when, and what to do").Example("gofsctl doctor").Does(async run =>
    {
        var picture = await (await run.ConnectAsync()).TakePictureAsync(run.Cancellation);
        var findings = Doctor.Examine(picture);
        var sum = Doctor.Sum(picture, findings);
        if (!run.Out.IsJson) run.Out.Line(sum);
        foreach (var finding in findings)
        {
            run.Out.Show(Text(finding, picture.At), json =>
            {
                json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
                json.WriteString("subject", finding.Subject);
                json.WriteString("what", finding.What);
                json.WriteString("why", finding.Why);
                json.WriteString("toDo", finding.ToDo);
                if (finding.Since is { } since) json.WriteString("since", since);
            });
        }

        var isHealthy = findings.All(finding => finding.Severity == DoctorSeverity.Advice);
        if (run.Out.IsJson)
        {
            run.Out.Json(json =>
            {
                json.WriteBoolean("healthy", isHealthy);
                json.WriteString("summary", sum);
            });
        }

        run.ExitCode = isHealthy ? ExitCodes.Done : ExitCodes.Findings;
    });

    private static string Text(DoctorFinding finding, DateTimeOffset now)
    {
        var since = finding.Since is { } at
            ? string.Create(CultureInfo.InvariantCulture, $" since {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC ({Ago(now - at)})") : "";
        var why = finding.Why.Length > 0 ? $"\n           why: {finding.Why}" : "";
        return $"{finding.Severity.ToString().ToLowerInvariant(),-9}  {finding.Subject}: {finding.What}{since}{why}\n         to do: {finding.ToDo}";
    }

    private static string Ago(TimeSpan ago) => ago switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalDays:0} days"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalHours:0} hours"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalMinutes:0} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, ago.TotalSeconds):0} s"),
    };
}
