using Gofs.Chunks;
using Gofs.Web.Live;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Which looks show a person the same.</summary>
public sealed class ViewFaceTests
{
    [Fact]
    public void OnlyTimesAndLastBytesHaveMoved_ShowsTheSame()
    {
        var disk = Views.Disk();
        var later = Views.Healthy with
        {
            At = Views.At + TimeSpan.FromSeconds(1),
            Servers =
            [
                Views.Server("silo-1", disk with { FreeBytes = disk.FreeBytes + 4096 }) with { LastHeartbeatAt = Views.At }, Views.Server("silo-2"),
            ],
            Namespaces = [Views.Space("projects")],
        };
        Assert.True(ViewFace.IsSame(Views.Healthy, later));
    }

    public static TheoryData<string> Changes => ["server", "disk", "standby", "names", "healing", "silo"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void SomethingThatIsSeen_ShowsSomethingElse(string what)
    {
        var before = Views.Healthy with { Healing = new HealingStatus { ByGoal = [new(3, 3, 9)] } };
        Assert.True(ViewFace.IsSame(before, before with { Healing = new HealingStatus { ByGoal = [new(3, 3, 9)] } }));
        Assert.False(ViewFace.IsSame(before, what switch
        {
            "server" => before with { Servers = [Views.Server("silo-1"), Views.Server("silo-2") with { Live = false }] },
            "disk" => before with { Servers = [Views.Server("silo-1", Views.Disk() with { Fault = "it fails" }), Views.Server("silo-2")] },
            "standby" => before with { Namespaces = [Views.Space("projects", one => one with { Standbys = [] })] },
            "names" => before with { Namespaces = [Views.Space("projects", one => one with { Names = one.Names + 1 })] },
            "healing" => before with { Healing = new HealingStatus { ByGoal = [new(3, 2, 9)] } },
            _ => before with { Silos = [Views.Silo("silo-1")] },
        }));
    }
}
