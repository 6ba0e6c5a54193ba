using Gofs.Web.Live;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>What is seen to change from one look to the next.</summary>
public sealed class ClusterEventTests
{
    [Fact]
    public void SameLook_NothingChanged() => Assert.Empty(ClusterEvent.Between(Views.Healthy, Views.Healthy));

    [Fact]
    public void ServerGoesSilentAndComesBack()
    {
        var silent = Views.Healthy with { Servers = [Views.Server("silo-1"), Views.Server("silo-2") with { Live = false }] };
        Assert.Equal((true, "Chunk server silo-2 is silent."), Only(Views.Healthy, silent));
        Assert.Equal((false, "Chunk server silo-2 is back."), Only(silent, Views.Healthy));
    }

    [Fact]
    public void SiloGoesAndComes()
    {
        var without = Views.Healthy with { Silos = [Views.Silo("silo-1")] };
        Assert.Equal((true, "Silo silo-2 is no longer active."), Only(Views.Healthy, without));
        Assert.Equal((false, "Silo silo-2 is active."), Only(without, Views.Healthy));
    }

    [Fact]
    public void MasterMoves() => Assert.Equal(
        (false, "The master of projects moved from silo-1 to silo-2."),
        Only(Views.Healthy, Views.Healthy with { Namespaces = [Views.Space("projects", one => one with { Silo = "silo-2", Epoch = 4 })] }));

    [Fact]
    public void MasterFallsSilent() => Assert.Equal(
        (true, "Namespace projects does not answer."), Only(Views.Healthy, Views.Healthy with { Namespaces = [Views.Mute("projects")] }));

    [Fact]
    public void NamespaceIsMadeAndRemoved()
    {
        var without = Views.Healthy with { Namespaces = [] };
        Assert.Equal((false, "Namespace projects was made."), Only(without, Views.Healthy));
        Assert.Equal((false, "Namespace projects was removed."), Only(Views.Healthy, without));
    }

    private static (bool IsBad, string Text) Only(ClusterView before, ClusterView after)
    {
        var seen = Assert.Single(ClusterEvent.Between(before, after));
        return (seen.IsBad, seen.Text);
    }
}
