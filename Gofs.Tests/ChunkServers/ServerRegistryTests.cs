using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Gofs.Grains.Cluster;
using Xunit;

namespace Gofs.Tests.ChunkServers;

public sealed class ServerRegistryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeadTime = 60 * Second;
    private static readonly HashSet<string> BothSilos = ["a", "b"];
    private readonly ServerRegistry registry = new(DeadTime, Noon);

    [Fact]
    public void NewRegistry_ListsServersItHasNotHeard_AsSuspectUntilTheDeadTimeHasPassed()
    {
        KnownChunkServer[] known = [new() { Server = new("a"), Labels = new() { ["rack"] = "r1" } }];
        var listed = Assert.Single(registry.List(known, BothSilos, TimeSpan.Zero, Noon));
        Assert.False(listed.Live);
        Assert.Equal((ServerStanding.Suspect, "r1", Noon), (listed.Standing, listed.Labels["rack"], listed.LastHeartbeatAt));
        for (var at = Second; at <= DeadTime; at += Second) registry.Listen(at);
        Assert.Equal(ServerStanding.Dead, registry.List(known, BothSilos, DeadTime, Noon)[0].Standing);
    }

    [Fact]
    public void DeadTimeThatIsSetToSomethingElse_HoldsAtOnce()
    {
        KnownChunkServer[] known = [new() { Server = new("a") }];
        for (var at = Second; at <= 30 * Second; at += Second) registry.Listen(at);
        Assert.Equal(ServerStanding.Suspect, registry.List(known, BothSilos, 30 * Second, Noon)[0].Standing);
        registry.DeadTime = 20 * Second;
        Assert.Equal(ServerStanding.Dead, registry.List(known, BothSilos, 30 * Second, Noon)[0].Standing);
        registry.DeadTime = DeadTime;
        Assert.Equal(ServerStanding.Suspect, registry.List(known, BothSilos, 30 * Second, Noon)[0].Standing);
    }

    [Fact]
    public void WallClockThatJumps_ChangesNoStanding()
    {
        registry.Hear(Beat("a"), Second, Noon);
        var listed = Assert.Single(registry.List([], BothSilos, 2 * Second, Noon.AddHours(5)));
        Assert.Equal((true, ServerStanding.Live), (listed.Live, listed.Standing));
    }

    [Fact]
    public void HeartbeatOfAServerWhoseSiloIsGone_DoesNotMakeItLive()
    {
        registry.Hear(Beat("a"), Second, Noon);
        var listed = Assert.Single(registry.List([], new HashSet<string>(), Second, Noon));
        Assert.Equal((false, ServerStanding.Suspect), (listed.Live, listed.Standing));
    }

    [Fact]
    public void News_AreServersHeardForTheFirstTime_AndThoseWithOtherLabels()
    {
        KnownChunkServer[] known =
        [
            new() { Server = new("a"), Labels = new() { ["rack"] = "r1" }, Mark = ServerMark.Drain },
            new() { Server = new("b"), Labels = new() { ["rack"] = "r1" } },
        ];
        registry.Hear(Beat("a", "r2"), Second, Noon);
        registry.Hear(Beat("b", "r1"), Second, Noon);
        registry.Hear(Beat("c"), Second, Noon);
        var news = registry.News(known);
        Assert.Equal(["a", "c"], news.Select(one => one.Server.Value));
        Assert.Equal((ServerMark.Drain, "r2"), (news[0].Mark, news[0].Labels["rack"]));
    }

    [Fact]
    public void SilenceInMaintenance_IsNoDeath_UntilItsTimeIsOver()
    {
        KnownChunkServer[] known = [new() { Server = new("a"), Mark = ServerMark.Maintenance, MarkedUntil = Noon.AddMinutes(10) }];
        for (var at = TimeSpan.Zero; at <= 2 * DeadTime; at += Second) registry.Listen(at);
        var during = registry.List(known, BothSilos, 2 * DeadTime, Noon.AddMinutes(9))[0];
        var after = registry.List(known, BothSilos, 2 * DeadTime, Noon.AddMinutes(10))[0];
        Assert.Equal((ServerStanding.Suspect, ServerMark.Maintenance), (during.Standing, during.Mark));
        Assert.Equal((ServerStanding.Dead, ServerMark.None), (after.Standing, after.Mark));
    }

    [Fact]
    public void ForgottenServer_IsOnNoList()
    {
        registry.Hear(Beat("a"), Second, Noon);
        registry.Forget(new("a"));
        Assert.Empty(registry.List([], BothSilos, Second, Noon));
    }

    [Fact]
    public void MostServersSilentAtOnce_IsNoDeathOfServers()
    {
        var standings = new ServerStandings(DeadTime);
        standings.Update([Info("a", live: true), Info("b", live: false), Info("c", live: true), Info("d", live: false)], Second);
        Assert.False(standings.IsMassSilence);
        standings.Update([Info("a", live: true), Info("b", live: false), Info("c", live: false), Info("d", live: false)], Second);
        Assert.True(standings.IsMassSilence);
    }

    [Fact]
    public void ServerThatIsOnTheListNoMore_IsDeadOnlyWhenItWasMissedForTheDeadTime()
    {
        var standings = new ServerStandings(DeadTime);
        standings.Update([Info("a", live: true), Info("b", live: true)], TimeSpan.Zero);
        var changes = standings.Changes;
        for (var at = Second; at < DeadTime; at += Second)
        {
            standings.Update([Info("a", live: true)], at);
            Assert.Equal(ServerStanding.Suspect, standings.Of(new("b")));
        }

        standings.Update([Info("a", live: true)], DeadTime);
        Assert.Equal(ServerStanding.Dead, standings.Of(new("b")));
        Assert.True(standings.Changes > changes);
        Assert.Equal(ServerStanding.Live, standings.Of(new("a")));
    }

    [Fact]
    public void Mark_IsKept_AndMaintenanceNeedsATimeToCome()
    {
        var state = new ClusterState();
        state.Remember(new() { Server = new("a") });
        state.Mark(new("a"), ServerMark.Drain, null, Noon);
        Assert.Equal(ServerMark.Drain, Assert.Single(state.ChunkServers).Mark);
        state.Mark(new("a"), ServerMark.Maintenance, Noon.AddHours(1), Noon);
        Assert.Equal((ServerMark.Maintenance, Noon.AddHours(1)), (state.ChunkServers[0].Mark, state.ChunkServers[0].MarkedUntil));
        Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => state.Mark(new("a"), ServerMark.Maintenance, Noon, Noon)).Error);
        Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => state.Mark(new("b"), ServerMark.Drain, null, Noon)).Error);
    }

    [Theory]
    [InlineData(ServerMark.None, ServerStanding.Live, false)]
    [InlineData(ServerMark.None, ServerStanding.Suspect, false)]
    [InlineData(ServerMark.None, ServerStanding.Dead, true)]
    [InlineData(ServerMark.Drain, ServerStanding.Live, false)]
    [InlineData(ServerMark.Drain, ServerStanding.Suspect, true)]
    public void OnlyADeadServer_OrADrainedOneThatIsStopped_IsForgotten(ServerMark mark, ServerStanding standing, bool isForgotten)
    {
        var state = new ClusterState();
        state.Remember(new() { Server = new("a"), Mark = mark });
        if (isForgotten) state.Forget(new("a"), standing);
        else Assert.Equal(GofsError.NotPermitted, Assert.Throws<GofsException>(() => state.Forget(new("a"), standing)).Error);
        Assert.Equal(isForgotten ? 0 : 1, state.ChunkServers.Count);
    }

    private static Heartbeat Beat(string server, string? rack = null) =>
        new(new(server), rack is null ? [] : new() { ["rack"] = rack }, [], Noon);

    private static ChunkServerInfo Info(string server, bool live) =>
        new(new(server), [], [], Noon, live) { Standing = live ? ServerStanding.Live : ServerStanding.Dead };
}
