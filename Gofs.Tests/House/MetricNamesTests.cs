using System.Text.Json;
using System.Text.RegularExpressions;
using Gofs.Tests.Metrics;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>What dashboards, alerts and docs/metrics.md name is what a silo measures.</summary>
public sealed partial class MetricNamesTests
{
    private const string Page = "docs/metrics.md";
    private const string Dashboard = "deploy/grafana/gofs.json";
    private const string Alerts = "deploy/prometheus/gofs-alerts.yml";

    /// <summary>Labels that Prometheus adds itself.</summary>
    private static readonly string[] OfTheScrape = ["instance", "job", "le"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_TellsEveryMetricWithItsLabels()
    {
        var scrape = await ScrapeAsync();
        var measured = scrape.Kinds.Keys.Where(name => name.StartsWith("gofs_", StringComparison.Ordinal)).Select(name => RowOf(scrape, name)).ToList();
        var told = Row().Matches(Repository.Read(Page)).Select(row => $"{row.Groups[1].Value} ({row.Groups[2].Value})").ToList();
        Rule.Holds($"{Page} tells every metric and its labels", measured.Except(told));
        Rule.Holds($"{Page} tells no metric and no label that is none", told.Except(measured));
        Assert.Equal(told.Count, told.Distinct().Count());
    }

    [Theory]
    [InlineData(Dashboard, 15)]
    [InlineData(Alerts, 8)]
    public async Task Queries_NameMetricsAndLabelsThereAre(string file, int least)
    {
        var scrape = await ScrapeAsync();
        var queries = QueriesOf(file).ToList();
        Assert.True(queries.Count >= least, $"{queries.Count} queries are found");
        List<string> offenders = [];
        foreach (var query in queries)
        {
            var names = Metric().Matches(query).Select(match => match.Value).Distinct().ToList();
            offenders.AddRange(names.Where(name => !scrape.Names.Contains(name)).Select(name => $"{file}: there is no {name}"));
            var labels = names.SelectMany(scrape.LabelsOf).Concat(OfTheScrape).ToHashSet();
            offenders.AddRange(LabelsIn(query).Where(label => !labels.Contains(label)).Select(
                label => $"{file}: no metric of this has a label {label}: {query}"));
            if (names.Count == 0 && !query.Contains("up{", StringComparison.Ordinal)) offenders.Add($"{file}: no metric in {query}");
        }

        Rule.Holds("a query names metrics and labels that a silo has", offenders);
    }

    [Fact]
    public void Rule_SeesWhatAQueryNames()
    {
        const string Query = """sum by (disk, colour) (rate(gofs_x_total{smell="sweet", instance=~"$silo"}[5m]))""";
        Assert.Equal(["colour", "disk", "instance", "smell"], LabelsIn(Query).Order());
        Assert.Equal("gofs_x_total", Metric().Match(Query).Value);
    }

    private static async Task<PrometheusText> ScrapeAsync()
    {
        GC.Collect(); // what the runtime says of the last one is there after the first
        await using var all = new AllInstruments();
        all.MeasureAll();
        return await all.ScrapeAsync(Stop);
    }

    private static string RowOf(PrometheusText scrape, string name)
    {
        var sampled = scrape.Kinds[name] == "histogram" ? name + "_bucket" : name;
        return $"{name} ({string.Join(", ", scrape.LabelsOf(sampled).Where(label => label != "le").Order())})";
    }

    private static IEnumerable<string> QueriesOf(string file)
    {
        if (!file.EndsWith(".json", StringComparison.Ordinal)) return AlertsOf(Repository.Read(file));
        using var json = JsonDocument.Parse(Repository.Read(file));
        return [.. Queries(json.RootElement)];
    }

    // What an alert says names labels too.
    private static IEnumerable<string> AlertsOf(string yaml) =>
        from alert in yaml.Split("- alert: ")[1..]
        let labels = Said().Matches(alert).Select(match => "{{" + match.Groups[1].Value + "}}")
        select $"{Expression().Match(alert).Groups[1].Value} {string.Concat(labels)}";

    // A legend says labels as {{label}}: it is looked at with its query.
    private static IEnumerable<string> Queries(JsonElement at)
    {
        if (at.ValueKind == JsonValueKind.Array) return at.EnumerateArray().SelectMany(Queries);
        if (at.ValueKind != JsonValueKind.Object) return [];
        var inside = at.EnumerateObject().SelectMany(member => Queries(member.Value));
        return at.TryGetProperty("expr", out var query)
            ? inside.Append($"{query.GetString()} {(at.TryGetProperty("legendFormat", out var legend) ? legend.GetString() : "")}")
            : inside;
    }

    private static IEnumerable<string> LabelsIn(string query) =>
        Grouping().Matches(query).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Concat(Matcher().Matches(query).Select(match => match.Groups[1].Value))
            .Concat(Legend().Matches(query).Select(match => match.Groups[1].Value))
            .Distinct();

    [GeneratedRegex(@"^\| `(\w+)` \| ([\w, ]*?) ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b(gofs|dotnet)_\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex("""(\w+)\s*(?:=~|!~|!=|=)\s*["']""")]
    private static partial Regex Matcher();

    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}")]
    private static partial Regex Legend();

    [GeneratedRegex(@"\$labels\.(\w+)")]
    private static partial Regex Said();

    [GeneratedRegex(@"^\s+expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expression();
}
