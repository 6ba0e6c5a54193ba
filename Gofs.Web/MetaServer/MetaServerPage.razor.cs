using Gofs.Cluster;
using Gofs.Web.Live;
using Gofs.Web.Parts;
using Microsoft.AspNetCore.Components;

namespace Gofs.Web.MetaServer;

/// <summary>Masters, standbys and silos; moves a master and writes a Snapshot.</summary>
public sealed partial class MetaServerPage
{
    private static readonly TimeSpan LongLag = TimeSpan.FromSeconds(3);

    private readonly HashSet<string> busy = [];

    [Inject] private IMetaServer MetaServer { get; set; } = null!;

    [Inject] private ClusterHistory History { get; set; } = null!;

    private static string LagText(double milliseconds) => Texts.Span(TimeSpan.FromMilliseconds(milliseconds));

    private static bool HasWarmStandby(NamespaceView space) => space.Status is { } status && status.Standbys.Any(standby => standby.EditLogNumber >= 0);

    private static string RolesOf(SiloInfo silo) => silo.Roles.ToString().Replace("Meta", "MetaServer", StringComparison.Ordinal).ToLowerInvariant()
        .Replace("metaserver", "MetaServer", StringComparison.Ordinal);

    private Task SnapshotAsync(string space) => ActAsync(space, async () =>
    {
        var number = await MetaServer.SnapshotAsync(space, Gone);
        return $"A Snapshot of {space} is written at {Texts.Count(number)}.";
    });

    private async Task FailoverAsync(NamespaceView space)
    {
        var does = $"Its master moves from {space.Status?.Silo} to the warmest standby. Clients see a short delay and no failure.";
        if (!await AskAsync($"Fail {space.Name} over?", does, "Fail over", space.Name)) return;
        await ActAsync(space.Name, async () =>
        {
            var move = await MetaServer.FailoverAsync(space.Name, Gone);
            return $"The master of {space.Name} moved from {move.From} to {move.To} in {Texts.Span(move.Took)}.";
        });
    }

    private async Task ActAsync(string space, Func<Task<string>> act)
    {
        if (!busy.Add(space)) return;
        try
        {
            await SayAsync(act);
        }
        finally
        {
            busy.Remove(space);
        }
    }
}
