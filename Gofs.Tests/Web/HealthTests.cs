using Gofs.Namespaces;
using Gofs.Web.Live;
using Gofs.Web.Overview;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>What makes a cluster unwell, and what is said of it.</summary>
public sealed class HealthTests
{
    [Fact]
    public void NothingWrong_IsGood_WithoutReasons()
    {
        var health = Health.Of(Views.Healthy);
        Assert.Equal((HealthLevel.Good, "Everything is healthy."), (health.Level, health.Sentence));
        Assert.Empty(health.Reasons);
    }

    [Fact]
    public void NoChunkServer_IsBad() => Assert.Equal(HealthLevel.Bad, Health.Of(Views.Empty).Level);

    [Fact]
    public void DiskOutOfService_IsBad_AndSaysWhy() => Says(
        HealthLevel.Bad, "out of service: EIO", Views.Healthy with { Servers = [Views.Server("silo-1", Views.Disk() with { Fault = "EIO" })] });

    [Fact]
    public void DiskNearlyFull_IsAWarning_WithWhatIsLeft() => Says(
        HealthLevel.Warning, "has 1.00 GiB left", Views.Healthy with { Servers = [Views.Server("silo-1", Views.Disk() with { FreeBytes = 1L << 30 })] });

    [Fact]
    public void BadChecksumBlocks_AreBad_UntilRepaired()
    {
        var bad = Views.Disk() with { BadChecksumBlocks = 3, RepairedChecksumBlocks = 1 };
        Says(HealthLevel.Bad, "2 checksum blocks", Views.Healthy with { Servers = [Views.Server("silo-1", bad)] });
        Assert.Equal(HealthLevel.Good, Health.Of(Views.Healthy with { Servers = [Views.Server("silo-1", bad with { RepairedChecksumBlocks = 3 })] }).Level);
    }

    [Fact]
    public void FewerServersThanTheGoal_IsAWarning() => Says(
        HealthLevel.Warning, "wants 3 replicas and 2 chunk servers are live",
        Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { Config = one.Config with { Goal = 3 } })] });

    [Fact]
    public void NoWarmStandby_IsAWarning_WhereThereCouldBeOne()
    {
        var alone = Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { Standbys = [new("silo-2", -1, TimeSpan.Zero)] })] };
        Says(HealthLevel.Warning, "no standby", alone);
        Assert.Equal(HealthLevel.Good, Health.Of(alone with { Silos = [Views.Silo("silo-1")] }).Level);
    }

    [Fact]
    public void MasterThatDoesNotAnswer_IsBad() => Says(HealthLevel.Bad, "does not answer", Views.Healthy with { Namespaces = [Views.Mute("projects")] });

    [Fact]
    public void QuotaNearlyUsed_IsAWarning() => Says(
        HealthLevel.Warning, "uses 95 % of its names",
        Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { Names = 95, Config = one.Config with { MaxNames = 100 } })] });

    [Fact]
    public void WorstReason_ComesFirst_AndIsTheLevel()
    {
        var both = Views.Healthy with
        {
            Namespaces = [Views.Space("a", one => one with { Config = one.Config with { Goal = 9 } }), Views.Mute("b")],
        };
        var health = Health.Of(both);
        Assert.Equal([HealthLevel.Bad, HealthLevel.Warning], health.Reasons.Select(one => one.Level));
        Assert.Equal("One thing needs attention now.", health.Sentence);
    }

    private static void Says(HealthLevel level, string part, ClusterView view)
    {
        var health = Health.Of(view);
        Assert.Equal(level, health.Level);
        Assert.Contains(health.Reasons, one => one.Text.Contains(part, StringComparison.Ordinal));
    }
}
