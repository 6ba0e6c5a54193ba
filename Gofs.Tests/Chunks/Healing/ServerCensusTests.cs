using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.Chunks.Healing;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>What a server means for a table's chunks: whether it can be taken away.</summary>
public sealed class ServerCensusTests
{
    private const int Servers = 5;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Gen<ChunkServerInfo[]> AnyServers =
        Gen.Select(Gen.Enum<ServerStanding>(), Gen.Enum<ServerMark>(), (standing, mark) => (Standing: standing, Mark: mark)).Array[Servers]
            .Select(kinds => kinds.Select((kind, i) => Server(i, kind.Standing, kind.Mark)).ToArray());

    [Fact]
    public void ServerThatIsNotNeeded_CanGo_AndNoChunkHasFewerReplicasOnLiveServersThanItsGoal() =>
        Gen.Select(AnyServers, Gen.Int[1, 3], Gen.Int[0, (1 << Servers) - 1], Gen.Bool).Sample((servers, goal, held, mayHoldMore) =>
        {
            var table = new SimulatedCluster.Table();
            table.Rows.Add(Handle, new(ChunkVersion.First, (byte)goal));
            ServerId[] holders = [.. servers.Where((_, i) => (held & (1 << i)) > 0).Select(server => server.Server)];
            foreach (var holder in holders) table.Report(holder, new(1) { Replicas = { [Handle] = (ChunkVersion.First, 1) } });
            var census = new ServerCensus(Id(0), mayHoldMore, table, Standings(servers));
            census.Look(Handle);
            var figures = census.Figures(beingWritten: 0);
            var live = servers.Skip(1).Count(server => holders.Contains(server.Server) && server.Live && server.Mark != ServerMark.Drain);
            Assert.Equal(holders.Contains(Id(0)) ? 1 : 0, figures.Held);
            // One that holds none, and can't hold what it has not told, is needed by none.
            Assert.Equal((figures.Held > 0 || mayHoldMore) && live < goal ? 1 : 0, figures.Needed);
        });

    [Fact]
    public void LiveServer_InTheMiddleOfTelling_IsNeededByWhatLacksAReplica()
    {
        var servers = new[] { Server(0, ServerStanding.Live, ServerMark.Drain), Server(1, ServerStanding.Live, ServerMark.None) };
        var table = new SimulatedCluster.Table();
        table.Rows.Add(Handle, new(ChunkVersion.First, 1));
        Assert.Equal(1, Needed(mayHoldMore: true));
        Assert.Equal(0, Needed(mayHoldMore: false));

        long Needed(bool mayHoldMore)
        {
            var census = new ServerCensus(Id(0), mayHoldMore, table, Standings(servers));
            census.Look(Handle);
            return census.Figures(beingWritten: 0).Needed;
        }
    }

    private static ChunkHandle Handle => ChunkHandle.Create(1, 0, 1);

    private static ServerId Id(int number) => new($"s{number}");

    private static ChunkServerInfo Server(int number, ServerStanding standing, ServerMark mark) =>
        new(Id(number), [], [], DateTimeOffset.UnixEpoch, standing == ServerStanding.Live) { Standing = standing, Mark = mark };

    private static ServerStandings Standings(ChunkServerInfo[] servers)
    {
        var standings = new ServerStandings(60 * Second);
        standings.Update(servers, Second);
        return standings;
    }
}
