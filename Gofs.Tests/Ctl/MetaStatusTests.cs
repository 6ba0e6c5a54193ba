using Gofs.Ctl.Commands;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Ctl;

/// <summary>What meta status says of standbys.</summary>
public sealed class MetaStatusTests
{
    private static readonly NamespaceStatus Status = new(
        "demo", 1, NamespaceConfig.Default, 4, 3, 0, 0, "silo-1", 6, 120, 100, new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), TimeSpan.FromMilliseconds(12));

    [Fact]
    public void Standbys_AreShown_WithNumberAndLag()
    {
        var lines = MetaCommands.Lines(Status with
        {
            Standbys = [new("silo-2", 118, TimeSpan.FromMilliseconds(1.2)), new("silo-3", -1, TimeSpan.Zero)],
        }).ToList();
        Assert.Equal(
            [
                "namespace  demo, number 1", "master     silo-1, epoch 6, loaded in 12 ms", "editlog    120 records",
                "standby    silo-2, at 118, 2 ms behind", "standby    silo-3, no state yet", "snapshot   at 100, 2026-03-01 12:00:00 UTC",
                "names      3 (0 trash items, 0 open files)", "bytes      3",
            ],
            lines);
    }

    [Fact]
    public void NoStandby_IsSaid() => Assert.Contains("standby    none", MetaCommands.Lines(Status));
}
