using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

public sealed class ServerStandingsTests
{
    private const int DeadSeconds = 60;
    private static readonly ServerId A = new("a");
    private static readonly ServerId B = new("b");
    private readonly ServerStandings standings = new(TimeSpan.FromSeconds(DeadSeconds));
    private int now;

    [Fact]
    public void ServerThatIsOnNoListAnyMore_IsSuspect_ThenDead_AndBothAreChanges()
    {
        Pass(1, A, B);
        var before = standings.Changes;
        Pass(1, A);
        Assert.Equal((ServerStanding.Suspect, before + 1), (standings.Of(B), standings.Changes));
        Pass(DeadSeconds - 2, A);
        Assert.Equal((ServerStanding.Suspect, before + 1), (standings.Of(B), standings.Changes));
        Pass(2, A);
        Assert.Equal((ServerStanding.Dead, before + 2), (standings.Of(B), standings.Changes));
        Pass(2 * DeadSeconds, A);
        Assert.Equal(before + 2, standings.Changes);
    }

    [Theory]
    [InlineData(ServerStanding.Dead, ServerMark.None)]
    [InlineData(ServerStanding.Suspect, ServerMark.Drain)]
    public void ServerThatAnOperatorRemoved_IsDeadAtOnce_UntilItIsOnTheListAgain(ServerStanding standing, ServerMark mark)
    {
        var gone = new ChunkServerInfo(B, [], [], DateTimeOffset.UnixEpoch, Live: false) { Standing = standing, Mark = mark };
        standings.Update([Live(A), gone], TimeSpan.FromSeconds(++now));
        var before = standings.Changes;
        Pass(1, A);
        Assert.Equal((ServerStanding.Dead, before + 1), (standings.Of(B), standings.Changes));
        Pass(1, A, B);
        Assert.Equal(ServerStanding.Live, standings.Of(B));
        Pass(1, A);
        Assert.Equal(ServerStanding.Suspect, standings.Of(B));
    }

    [Fact]
    public void ServerThatIsOnTheListAgain_DoesNotDie()
    {
        Pass(1, A, B);
        Pass(5, A);
        Pass(1, A, B);
        var before = standings.Changes;
        Pass(2 * DeadSeconds, A, B);
        Assert.Equal((ServerStanding.Live, before), (standings.Of(B), standings.Changes));
    }

    private static ChunkServerInfo Live(ServerId server) => new(server, [], [], DateTimeOffset.UnixEpoch, Live: true);

    private void Pass(int seconds, params ServerId[] listed)
    {
        ChunkServerInfo[] list = [.. listed.Select(Live)];
        for (; seconds > 0; seconds--) standings.Update(list, TimeSpan.FromSeconds(++now));
    }
}
