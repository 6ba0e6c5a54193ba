using System.Globalization;
using Gofs.Namespaces;
using MudBlazor;

namespace Gofs.Web.Overview;

/// <summary>Health, room, counts and what changed.</summary>
public sealed partial class OverviewPage
{
    private const int MaxReasons = 12;
    private const int MaxNamespaces = 10;
    private const int MaxEvents = 10;

    private IEnumerable<NamespaceStatus> Statuses => News.View!.Namespaces.Select(one => one.Status).OfType<NamespaceStatus>();

    private string RateText => News.Rates.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{News.Rates[^1]:#,0} records/s");

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
