using Gofs.Namespaces;
using Gofs.Web.Live;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Gofs.Web.Overview;

/// <summary>Health, room, counts and what changed.</summary>
public sealed partial class OverviewPage
{
    private const int MaxReasons = 12;
    private const int MaxNamespaces = 10;
    private const int MaxEvents = 10;

    private const int MaxDuties = 8;

    private static readonly (HistoryKind Kind, string Name)[] ServerKinds =
        [(HistoryKind.Received, "Written"), (HistoryKind.Sent, "Read"), (HistoryKind.Requests, "Requests")];

    private static readonly (HistoryKind Kind, string Name)[] SpaceKinds = [(HistoryKind.Operations, "Operations"), (HistoryKind.Records, "EditLog records")];

    /// <summary>What the chunk servers' chart shows.</summary>
    [SupplyParameterFromQuery] public string? Servers { get; set; }

    /// <summary>What the namespaces' chart shows.</summary>
    [SupplyParameterFromQuery] public string? Spaces { get; set; }

    [Inject] private ClusterHistory History { get; set; } = null!;

    private HistoryKind ServerKind => KindOf(Servers, ServerKinds);

    private HistoryKind SpaceKind => KindOf(Spaces, SpaceKinds);

    private (long Charts, bool IsStale) drawn;

    private IEnumerable<NamespaceStatus> Statuses => News.View!.Namespaces.Select(one => one.Status).OfType<NamespaceStatus>();

    private string RateText => News.Rates.Count == 0 ? "" : $"{Texts.Rate(News.Rates[^1])} EditLog records/s";

    /// <inheritdoc/>
    private protected override bool ShowsTheSame(ClusterNews before)
    {
        var (charts, isStale) = drawn;
        drawn = (History.Revision, News.IsStale);
        // What is wrong or under way is said with its age.
        return ReferenceEquals(before.Face, News.Face) && before.Failure == News.Failure && drawn == (charts, isStale) && !isStale
            && News is { View: { } view, Healing: null } && Health.Of(view).Level == HealthLevel.Good && Duty.Of(News).Count == 0;
    }

    private static HistoryKind KindOf(string? asked, (HistoryKind Kind, string Name)[] kinds) =>
        kinds.FirstOrDefault(one => one.Kind.ToString().Equals(asked, StringComparison.OrdinalIgnoreCase), kinds[0]).Kind;

    // What is chosen first stands in no address.
    private static string Address(HistoryKind servers, HistoryKind spaces)
    {
        string[] chosen = [servers == ServerKinds[0].Kind ? "" : $"servers={Word(servers)}", spaces == SpaceKinds[0].Kind ? "" : $"spaces={Word(spaces)}"];
        return string.Join('&', chosen.Where(one => one.Length > 0)) is { Length: > 0 } query ? "?" + query : "./";
    }

    private static string Word(HistoryKind kind) => kind.ToString().ToLowerInvariant();

    private static Func<double, string> FormatOf(HistoryKind kind) => kind is HistoryKind.Received or HistoryKind.Sent ? Bytes : Rate;

    private static string Bytes(double value) => $"{Texts.Size((long)value)}/s";

    private static string Rate(double value) => $"{Texts.Rate(value)}/s";

    private static string EndOf(Duty duty, DateTimeOffset now) => duty.ExpectedEnd is { } end && end > now ? $"about {Texts.Span(end - now)} left" : "";

    private static string Kind(HealthLevel level) => level switch
    {
        HealthLevel.Good => "good",
        HealthLevel.Warning => "warn",
        _ => "bad",
    };

    private static string IconOf(HealthLevel level) => level switch
    {
        HealthLevel.Good => Icons.Material.Rounded.CheckCircle,
        HealthLevel.Warning => Icons.Material.Rounded.Warning,
        _ => Icons.Material.Rounded.Error,
    };
}
