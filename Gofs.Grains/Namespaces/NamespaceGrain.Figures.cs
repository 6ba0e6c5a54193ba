using Orleans.Runtime;

namespace Gofs.Grains.Namespaces;

/// <summary>What the master shows of itself to the silo's metrics.</summary>
internal sealed partial class NamespaceGrain
{
    private NamespaceFigures? figures;

    private void ShowFigures()
    {
        figures = new(State.Name);
        local.Show(figures);
        this.RegisterGrainTimer(ShowStanding, new GrainTimerCreationOptions(TimeSpan.Zero, NamespaceDuties.Every) { Interleave = true });
    }

    private Task ShowStanding(CancellationToken cancellation)
    {
        var stream = Stream;
        figures!.Standing = new(State.Tree.Inodes, State.Tree.LengthBytes, State.Open.Count, State.Trash.Count, stream.EditLogNumber, stream.SnapshotNumber)
        {
            Standbys =
            [
                .. standbys?.Feeds.Select(
                    feed => new StandbyFigure(feed.Silo, feed.Lag, Math.Max(0, stream.DurableNumber - Math.Max(0, feed.Number)))) ?? [],
            ],
        };
        return Task.CompletedTask;
    }
}
