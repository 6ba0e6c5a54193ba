using System.Diagnostics.Metrics;
using Gofs.Grains.Namespaces.Standbys;

namespace Gofs.Grains.Namespaces;

/// <summary>What the masters on this silo tell of their namespaces. docs/metrics.md tells what each figure means.</summary>
internal sealed class NamespaceMetrics
{
    private const string Namespace = "namespace";
    private const string Operation = "operation";
    private const string Standby = "standby";

    private static readonly (NamespaceOperation Kind, KeyValuePair<string, object?> Tag)[] Operations =
    [
        (NamespaceOperation.Lookup, new(Operation, "lookup")),
        (NamespaceOperation.List, new(Operation, "list")),
        (NamespaceOperation.Open, new(Operation, "open")),
        (NamespaceOperation.Put, new(Operation, "put")),
        (NamespaceOperation.Flush, new(Operation, "flush")),
        (NamespaceOperation.MakeDirectory, new(Operation, "mkdir")),
        (NamespaceOperation.MakeSymlink, new(Operation, "symlink")),
        (NamespaceOperation.Rename, new(Operation, "rename")),
        (NamespaceOperation.Remove, new(Operation, "remove")),
        (NamespaceOperation.SetAttributes, new(Operation, "setattr")),
    ];

    private readonly LocalMetaServer local;

    /// <summary>Makes the instruments.</summary>
    public NamespaceMetrics(Meter meter, LocalMetaServer local)
    {
        this.local = local;
        meter.CreateObservableCounter(
            "gofs.namespace.operations", () => OfEach(static (figures, kind) => figures.Done(kind)), "{operation}", "What masters were asked for.");
        meter.CreateObservableCounter(
            "gofs.namespace.refusals", () => OfEach(static (figures, kind) => figures.Refused(kind)), "{operation}", "Of that, what they refused.");
        Show(meter, "gofs.namespace.names", "{name}", "Names in the tree and the trash.", static now => now.Names);
        Show(meter, "gofs.namespace.length", "By", "Sum of the files' lengths, trash included.", static now => now.LengthBytes);
        Show(meter, "gofs.namespace.open.files", "{file}", "Files a writer has open.", static now => now.OpenFiles);
        Show(meter, "gofs.namespace.trash.items", "{item}", "Removed files and trees that can be restored.", static now => now.TrashItems);
        Show(meter, "gofs.namespace.editlog.number", "{record}", "The EditLog number.", static now => now.EditLogNumber);
        Show(meter, "gofs.namespace.snapshot.number", "{record}", "The EditLog number of the last Snapshot.", static now => now.SnapshotNumber);
        meter.CreateObservableGauge(
            "gofs.namespace.standby.lag", () => OfStandbys(static one => one.Lag.TotalSeconds), "s",
            "For how long the oldest record a standby does not have has been durable.");
        meter.CreateObservableGauge(
            "gofs.namespace.standby.behind", () => OfStandbys(static one => one.Behind), "{record}", "Records a standby does not have.");
    }

    private void Show(Meter meter, string name, string unit, string what, Func<NamespaceStanding, long> value) =>
        meter.CreateObservableGauge(name, () => OfStanding(value), unit, what);

    private IEnumerable<Measurement<long>> OfEach(Func<NamespaceFigures, NamespaceOperation, long> value) =>
        from figures in local.Figures
        from one in Operations
        let count = value(figures, one.Kind)
        where count > 0
        select new Measurement<long>(count, new KeyValuePair<string, object?>(Namespace, figures.Name), one.Tag);

    private IEnumerable<Measurement<long>> OfStanding(Func<NamespaceStanding, long> value) =>
        from figures in local.Figures
        let now = figures.Standing
        where now is not null
        select new Measurement<long>(value(now), new KeyValuePair<string, object?>(Namespace, figures.Name));

    private IEnumerable<Measurement<T>> OfStandbys<T>(Func<StandbyFigure, T> value)
        where T : struct =>
        from figures in local.Figures
        let now = figures.Standing
        where now is not null
        from standby in now.Standbys
        select new Measurement<T>(
            value(standby), new KeyValuePair<string, object?>(Namespace, figures.Name), new KeyValuePair<string, object?>(Standby, standby.Silo));
}
