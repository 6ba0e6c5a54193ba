using CsCheck;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Files;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>What is decided about files that records are appended to.</summary>
public sealed class AppendTests
{
    private static readonly ServerId[] Servers = [new("a"), new("b"), new("c")];
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(60);

    /// <summary>Whatever was acknowledged is kept by all that count, and no replica that has it is given up.</summary>
    [Fact]
    public void Replicas_AreCutToTheShortest_AndNeverBelowWhatIsAcknowledged() =>
        Gen.Select(Gen.Int[-1, 10].Array[3], Gen.Int[0, 10]).Sample(one =>
        {
            var (said, acknowledged) = one;
            var lengths = Array.ConvertAll(said, length => length < 0 ? default(long?) : length);
            var (good, length) = AppendDecisions.Agree(Servers, lengths, acknowledged);
            Assert.True(length >= acknowledged, "what was acknowledged is cut");
            for (var i = 0; i < 3; i++) Assert.Equal(lengths[i] >= acknowledged, good.Contains(Servers[i]));
            if (good.Length > 0) Assert.Equal(lengths.Where(l => l >= acknowledged).Min(), length);
        });

    [Fact]
    public void AppendedLength_IsLoggedWhenItIsNew_AndAlwaysAtTheEnd()
    {
        var file = Opened();
        Assert.Null(AppendDecisions.Appended(file, 0, ended: false, now: 9));
        Assert.Equal(new RecordsAppended(50, 9, false), AppendDecisions.Appended(file, 50, ended: false, now: 9));
        file.Apply(new RecordsAppended(50, 9, Ended: false));
        Assert.Equal(new RecordsAppended(50, 9, true), AppendDecisions.Appended(file, 50, ended: true, now: 11));
        Assert.Equal(new RecordsAppended(50, 9, true), AppendDecisions.Appended(file, 40, ended: true, now: 11));
    }

    [Fact]
    public void File_KnowsWhichChunkIsAppendedTo_UntilItEnds()
    {
        var file = Opened();
        Assert.Equal((0, false), (file.AppendIndex, file.LastWriterClosed));
        file.Apply(new AppendChunkOpened(100, 1, ChunkHandle.Create(1, 0, 2), 100, 5));
        Assert.Equal((1, 100L), (file.AppendIndex, file.LengthBytes));
        file.Apply(new RecordsAppended(130, 6, Ended: true));
        Assert.Equal((-1, 130L, true), (file.AppendIndex, file.LengthBytes, file.LastWriterClosed));
    }

    [Fact]
    public void Leases_LiveWhileTheyAreRenewed()
    {
        var leases = new AppendLeases();
        var (one, two) = (LeaseId.New(), LeaseId.New());
        leases.Join(one, Start, LeaseTime);
        leases.Join(two, Start, LeaseTime);
        leases.Renew(two, Start + (LeaseTime / 2), LeaseTime);
        Assert.True(leases.IsAlive(Start + LeaseTime));
        Assert.False(leases.TryRenew(one, Start + LeaseTime, LeaseTime));
        Assert.Equal(GofsError.LeaseExpired, Assert.Throws<GofsException>(() => leases.Renew(one, Start + LeaseTime, LeaseTime)).Error);
        leases.Leave(two);
        Assert.False(leases.IsAlive(Start + LeaseTime));
    }

    [Fact]
    public void Leases_AreBounded_AndOnesThatEndedMakeRoom()
    {
        var leases = new AppendLeases();
        for (var i = 0; i < AppendLeases.Most; i++) leases.Join(LeaseId.New(), Start, LeaseTime);
        Assert.Equal(GofsError.Busy, Assert.Throws<GofsException>(() => leases.Join(LeaseId.New(), Start, LeaseTime)).Error);
        leases.Join(LeaseId.New(), Start + LeaseTime, LeaseTime);
    }

    private static FileState Opened()
    {
        var file = new FileState();
        file.Apply(new AppendChunkOpened(100, 0, ChunkHandle.Create(1, 0, 1), 0, 4));
        return file;
    }
}
