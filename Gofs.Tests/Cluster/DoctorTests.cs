using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Each rule sees its fault in a picture that has it, and nothing in one that has not.</summary>
public sealed class DoctorTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly ClusterPicture Healthy = new(
        Now, [Silo("s1"), Silo("s2"), Silo("s3")], [Server("s1"), Server("s2"), Server("s3")], [Space(Status())]);

    [Fact]
    public void HealthyCluster_HasNoFinding_AndOneSentence()
    {
        Assert.Empty(Doctor.Examine(Healthy));
        Assert.Equal("Healthy: 3 silos, 3 chunk servers and 1 namespaces serve.", Doctor.Sum(Healthy, []));
    }

    [Fact]
    public void SiloThatDoesNotServe_IsAWarning() =>
        Has(DoctorSeverity.Warning, "silo s2", "Joining", Healthy with { Silos = [Silo("s1"), Silo("s2") with { Status = "Joining" }, Silo("s3")] });

    [Fact]
    public void SiloWithoutAHeartbeat_IsAWarning() =>
        Has(DoctorSeverity.Warning, "silo s4", "no heartbeat", Healthy with { Silos = [.. Healthy.Silos, Silo("s4")] });

    [Fact]
    public void OneMetaServerAmongMany_IsAWarning() => Has(DoctorSeverity.Warning, "cluster", "one silo alone", Healthy with
    {
        Silos = [Silo("s1"), Silo("s2") with { Roles = SiloRoles.Chunks }, Silo("s3") with { Roles = SiloRoles.Chunks }],
    });

    [Fact]
    public void SilentChunkServer_IsAWarning_WithSinceWhenAndWhy()
    {
        var silent = Server("s3") with { Live = false, LastHeartbeatAt = Now.AddHours(-1) };
        var hangs = Has(DoctorSeverity.Warning, "chunk server s3", "silent", Healthy with { ChunkServers = [Server("s1"), Server("s2"), silent] });
        var gone = Has(DoctorSeverity.Warning, "chunk server s3", "silent", Healthy with
        {
            Silos = [Silo("s1"), Silo("s2")], ChunkServers = [Server("s1"), Server("s2"), silent],
        });
        Assert.Equal(Now.AddHours(-1), gone.Since);
        Assert.NotEqual(hangs.Why, gone.Why);
    }

    [Fact]
    public void NoLiveChunkServer_IsCritical() => Has(DoctorSeverity.Critical, "cluster", "no chunk server", Healthy with { ChunkServers = [] });

    [Fact]
    public void ClocksApart_AreAWarning()
    {
        Has(DoctorSeverity.Warning, "clocks", "60 s", Healthy with { At = Now.AddSeconds(60) });
        Has(DoctorSeverity.Warning, "clocks", "60 s", Healthy with { At = Now.AddSeconds(-60) });
        Assert.Empty(Doctor.Examine(Healthy with { At = Now.AddSeconds(10) }));
    }

    [Fact]
    public void DiskOutOfService_IsCritical() => HasDisk(DoctorSeverity.Critical, "out of service", Disk with { Fault = "I/O error", FreeBytes = 0 });

    [Fact]
    public void DiskNearlyFull_IsAWarning_AndFullIsCritical()
    {
        HasDisk(DoctorSeverity.Warning, "nearly full", Disk with { FreeBytes = Disk.TotalBytes / 25 });
        HasDisk(DoctorSeverity.Critical, "is full", Disk with { FreeBytes = Disk.TotalBytes / 200 });
    }

    [Fact]
    public void BadChecksumBlocks_AreAWarning_UntilTheyAreRepaired()
    {
        HasDisk(DoctorSeverity.Warning, "2 checksum blocks", Disk with { BadChecksumBlocks = 5, RepairedChecksumBlocks = 3 });
        HasDisk(DoctorSeverity.Advice, "5 checksum blocks", Disk with { BadChecksumBlocks = 5, RepairedChecksumBlocks = 5 });
    }

    [Fact]
    public void ChunksUnderTheirGoal_AreSaid_WithWhatIsDone()
    {
        var healing = new HealingStatus { Chunks = 20, UnderGoal = 7, Endangered = 2, Since = Now, CopiesUnderWay = 4 };
        Assert.Equal("4 being copied", Has(DoctorSeverity.Warning, "chunks", "9 of 20 have fewer", Healthy with { Healing = healing }).ToDo);
        Assert.StartsWith("nothing yet", Has(DoctorSeverity.Warning, "chunks", "9 of 20", Healthy with { Healing = healing with { CopiesUnderWay = 0 } }).ToDo);
        var stalled = healing with { Missing = 1, Stall = HealingStall.TooFewServers };
        Assert.EndsWith("4 being copied; there are no more servers to copy to: add one, or lower the goal",
            Has(DoctorSeverity.Critical, "chunks", "1 are missing", Healthy with { Healing = stalled }).ToDo);
        Assert.Empty(Doctor.Examine(Healthy with { Healing = new() { Chunks = 20 } }));
    }

    [Fact]
    public void MasterThatDoesNotAnswer_IsCritical() =>
        Has(DoctorSeverity.Critical, "namespace demo", "does not answer", Healthy with { Namespaces = [new("demo", null, "nobody answers")] });

    [Fact]
    public void MissingStandby_IsAWarning_WhereThereCouldBeOne()
    {
        HasSpace(DoctorSeverity.Warning, "no standby", Status() with { Standbys = [] });
        Assert.Empty(Doctor.Examine(new(Now, [Silo("s1")], [Server("s1")], [Space(Status() with { Standbys = [], Config = NamespaceConfig.Default })])));
    }

    [Fact]
    public void StandbyWithoutState_OrFarBehind_IsAWarning()
    {
        HasSpace(DoctorSeverity.Warning, "no state", Status() with { Standbys = [new("s2", -1, TimeSpan.Zero)] });
        HasSpace(DoctorSeverity.Warning, "behind", Status() with { Standbys = [new("s2", 5, TimeSpan.FromSeconds(20))] });
    }

    [Fact]
    public void LongEditLog_IsAWarning_SinceTheLastSnapshot()
    {
        var grown = Status() with { EditLogNumber = 2_000_100, SnapshotNumber = 100, SnapshotAt = Now.AddDays(-9) };
        var found = HasSpace(DoctorSeverity.Warning, "2000000 records", grown);
        Assert.Equal(Now.AddDays(-9), found.Since);
        var large = Status() with { EditLogNumber = 2_000_100, SnapshotNumber = 100, Names = 4_000_000 };
        Assert.Empty(Doctor.Examine(Healthy with { Namespaces = [Space(large)] }));
    }

    [Fact]
    public void Quota_NearlyUsedUp_IsAWarning_AndUsedUpIsCritical()
    {
        var config = Status().Config;
        HasSpace(DoctorSeverity.Warning, "quota of names", Status() with { Names = 95, Config = config with { MaxNames = 100 } });
        HasSpace(DoctorSeverity.Critical, "quota of bytes", Status() with { LengthBytes = 100, Config = config with { MaxBytes = 100 } });
        Assert.Empty(Doctor.Examine(Healthy with { Namespaces = [Space(Status() with { Names = 50, Config = config with { MaxNames = 100 } })] }));
    }

    [Fact]
    public void MuchTrash_AndSettingsThatRiskBytes_AreAdvice()
    {
        HasSpace(DoctorSeverity.Advice, "trash", Status() with { TrashItems = 200_000 });
        HasSpace(DoctorSeverity.Advice, "durability is none", Status() with { Config = Status().Config with { Durability = Durability.None } });
        HasSpace(DoctorSeverity.Advice, "one replica", Status() with { Config = Status().Config with { Goal = 1 } });
    }

    [Fact]
    public void GoalAboveTheLiveServers_IsAWarning() =>
        HasSpace(DoctorSeverity.Warning, "wants 5", Status() with { Config = Status().Config with { Goal = 5 } });

    [Fact]
    public void TheWorst_ComesFirst_AndIsCounted()
    {
        var sick = Healthy with
        {
            ChunkServers = [Server("s1"), Server("s2"), Server("s3", Disk with { Fault = "gone" })],
            Namespaces = [Space(Status() with { TrashItems = 200_000, Standbys = [] })],
        };
        var found = Doctor.Examine(sick);
        Assert.Equal([DoctorSeverity.Critical, DoctorSeverity.Warning, DoctorSeverity.Advice], found.Select(one => one.Severity));
        Assert.StartsWith("Unhealthy (1 critical, 1 warnings):", Doctor.Sum(sick, found), StringComparison.Ordinal);
        Assert.All(found, finding => Assert.NotEmpty(finding.ToDo));
    }

    [Fact]
    public void ScrubThatIsAsItShouldBe_IsNoFinding() =>
        Assert.Empty(Doctor.Examine(WithScrub(new() { Days = 14, Pass = 3, StartedAt = Now, Found = 5, Repaired = 5, Waiting = 1 })));

    [Fact]
    public void ScrubThatCantRepair_OrIsOverdue_IsAWarning()
    {
        Has(DoctorSeverity.Warning, "scrub of s3", "2 damages", WithScrub(new() { Unrepaired = 2 }));
        var overdue = Has(DoctorSeverity.Warning, "scrub of s3", "within 14 days",
            WithScrub(new() { Days = 14, IsOverdue = true, StartedAt = Now.AddDays(-15) }));
        Assert.Equal(Now.AddDays(-1), overdue.Since);
    }

    private static ClusterPicture WithScrub(ScrubStatus scrub) =>
        Healthy with { ChunkServers = [Server("s1"), Server("s2"), Server("s3") with { Scrub = scrub }] };

    private static DiskStatus Disk => new("/disk", 100L << 30, 50L << 30, 10, null);

    private static DoctorFinding HasDisk(DoctorSeverity severity, string what, DiskStatus disk) =>
        Has(severity, "disk /disk of s3", what, Healthy with { ChunkServers = [Server("s1"), Server("s2"), Server("s3", disk)] });

    private static DoctorFinding HasSpace(DoctorSeverity severity, string what, NamespaceStatus status) =>
        Has(severity, "namespace demo", what, Healthy with { Namespaces = [Space(status)] });

    private static DoctorFinding Has(DoctorSeverity severity, string subject, string what, ClusterPicture picture) => Assert.Single(
        Doctor.Examine(picture),
        finding => finding.Severity == severity && finding.Subject == subject && finding.What.Contains(what, StringComparison.Ordinal));

    private static SiloInfo Silo(string name) => new(name, "a", "g", SiloRoles.Meta | SiloRoles.Chunks, "Active");

    private static ChunkServerInfo Server(string name, DiskStatus? disk = null) => new(new(name), [], [disk ?? Disk], Now, Live: true);

    private static NamespacePicture Space(NamespaceStatus status) => new("demo", status, "");

    private static NamespaceStatus Status() => new("demo", 1, NamespaceConfig.Default with { Goal = 3 }, 10, 1000, 1, 0, "s1", 1, 100, 50, Now, TimeSpan.Zero)
    {
        Standbys = [new("s2", 100, TimeSpan.Zero)],
    };
}
