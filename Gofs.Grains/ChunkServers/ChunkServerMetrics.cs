using System.Diagnostics.Metrics;
using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>What this silo's disks and its scrub tell of themselves. docs/metrics.md tells what each figure means.</summary>
internal sealed class ChunkServerMetrics
{
    private const string Disk = "disk";
    private readonly Func<IReadOnlyList<DiskStatus>> disks;

    /// <summary>Makes the instruments.</summary>
    public ChunkServerMetrics(Meter meter, Func<IReadOnlyList<DiskStatus>> disks, IScrubbedReplicas scrubbed, Scrubber scrubber)
    {
        this.disks = disks;
        Show(meter, "gofs.disk.size", "By", "Size of the file system a disk folder is on.", static disk => disk.TotalBytes);
        Show(meter, "gofs.disk.free", "By", "Room left there; 0 of a disk that is out of service.", static disk => disk.FreeBytes);
        Show(meter, "gofs.disk.used", "By", "What is used there, by whatever it is.", static disk => disk.Fault is null ? disk.TotalBytes - disk.FreeBytes : 0);
        Show(meter, "gofs.disk.replicas", "{replica}", "Replicas on the disk.", static disk => disk.Chunks);
        Show(meter, "gofs.disk.out.of.service", "", "1 of a disk that has failed.", static disk => disk.Fault is null ? 0 : 1);
        Count(meter, "gofs.disk.checksum.bad", "{checksum_block}", "Checksum blocks found bad.", static disk => disk.BadChecksumBlocks);
        Count(meter, "gofs.disk.checksum.repaired", "{checksum_block}", "Checksum blocks repaired.", static disk => disk.RepairedChecksumBlocks);
        meter.CreateObservableCounter("gofs.scrub.read", () => scrubber.Totals.Bytes, "By", "Bytes scrub has read.");
        meter.CreateObservableCounter("gofs.scrub.replicas", () => scrubber.Totals.Replicas, "{replica}", "Replicas scrub has read.");
        meter.CreateObservableCounter("gofs.scrub.found", () => scrubber.Totals.Found, "{damage}", "Damages scrub has found.");
        meter.CreateObservableCounter("gofs.scrub.repaired", () => scrubber.Totals.Repaired, "{damage}", "Damages put right.");
        meter.CreateObservableGauge("gofs.scrub.damages", () => scrubbed.KnownDamages, "{damage}", "Damages known and not put right yet.");
        meter.CreateObservableGauge("gofs.scrub.left", () => scrubber.Status().LeftBytes, "By", "Bytes the pass has yet to read.");
        meter.CreateObservableGauge("gofs.scrub.overdue", () => scrubber.Status().IsOverdue ? 1 : 0, "", "1 when a replica was not read for too long.");
    }

    private void Show(Meter meter, string name, string unit, string what, Func<DiskStatus, long> value) =>
        meter.CreateObservableGauge(name, () => OfDisks(value), unit, what);

    private void Count(Meter meter, string name, string unit, string what, Func<DiskStatus, long> value) =>
        meter.CreateObservableCounter(name, () => OfDisks(value), unit, what);

    private IEnumerable<Measurement<long>> OfDisks(Func<DiskStatus, long> value) =>
        disks().Select(disk => new Measurement<long>(value(disk), new KeyValuePair<string, object?>(Disk, disk.Path)));
}
