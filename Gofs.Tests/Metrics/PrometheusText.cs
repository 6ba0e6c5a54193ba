using System.Globalization;
using System.Text.RegularExpressions;

namespace Gofs.Tests.Metrics;

/// <summary>One line of a scrape.</summary>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>A scrape, read as Prometheus reads it.</summary>
internal sealed partial class PrometheusText
{
    private PrometheusText(Dictionary<string, string> kinds, List<Sample> samples) => (Kinds, Samples) = (kinds, samples);

    /// <summary>Name and kind of each metric.</summary>
    public IReadOnlyDictionary<string, string> Kinds { get; }

    /// <summary>What was measured.</summary>
    public IReadOnlyList<Sample> Samples { get; }

    /// <summary>The names that queries use: a histogram's are three.</summary>
    public IReadOnlySet<string> Names => Samples.Select(sample => sample.Name).ToHashSet();

    /// <summary>Reads it; a line that is nothing fails.</summary>
    public static PrometheusText Parse(string text)
    {
        Dictionary<string, string> kinds = new(StringComparer.Ordinal);
        List<Sample> samples = [];
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) kinds[line.Split(' ')[2]] = line.Split(' ')[3];
            if (line[0] == '#') continue;
            var read = Line().Match(line);
            if (!read.Success) throw new FormatException($"no line of a scrape: {line}");
            var labels = Label().Matches(read.Groups["labels"].Value).ToDictionary(
                label => label.Groups[1].Value, label => label.Groups[2].Value, StringComparer.Ordinal);
            samples.Add(new(read.Groups["name"].Value, labels, double.Parse(read.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }

        return new(kinds, samples);
    }

    /// <summary>The labels some sample of a name has.</summary>
    public IReadOnlySet<string> LabelsOf(string name) =>
        Samples.Where(sample => sample.Name == name).SelectMany(sample => sample.Labels.Keys).ToHashSet();

    /// <summary>The sum of the samples of a name that have these labels.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) => Samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value))
        .Sum(sample => sample.Value);

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>.*)\})? (?<value>\S+)( \d+)?$""")]
    private static partial Regex Line();

    [GeneratedRegex("""(\w+)="((?:[^"\\]|\\.)*)",?""")]
    private static partial Regex Label();
}
