using CsCheck;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

public sealed class ServerJudgementTests
{
    private static readonly ServerId A = new("a");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LiveTime = 5 * Second;
    private static readonly TimeSpan DeadTime = 60 * Second;

    [Fact]
    public void ServerIsDead_OnlyWhenTheJudgeListenedToItsSilence_ForTheWholeDeadTime() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 9], Gen.Bool).Array[1, 200].Sample(steps =>
        {
            var judgement = new ServerJudgement(LiveTime, DeadTime);
            var now = TimeSpan.Zero;
            TimeSpan? spokeAt = null;
            var (listensSince, listenedAt) = (now, now);
            judgement.Listen(now);
            foreach (var (seconds, kind, hasSilo) in steps)
            {
                now += seconds * Second;
                if (now - listenedAt > ServerJudgement.LongestPause) listensSince = now;
                listenedAt = now;
                if (kind == 0)
                {
                    judgement.Hear(A, now);
                    spokeAt = now;
                }

                var standing = judgement.Judge(A, hasSilo, now);
                var silence = now - (spokeAt > listensSince ? spokeAt.Value : listensSince);
                var isLive = spokeAt is { } at && now - at < LiveTime && hasSilo;
                Assert.Equal(isLive ? ServerStanding.Live : silence >= DeadTime ? ServerStanding.Dead : ServerStanding.Suspect, standing);
            }
        });

    [Fact]
    public void ServerWhoseSiloIsGone_IsSuspectAtOnce()
    {
        var judgement = new ServerJudgement(LiveTime, DeadTime);
        judgement.Hear(A, Second);
        Assert.Equal(ServerStanding.Live, judgement.Judge(A, hasSilo: true, Second));
        Assert.Equal(ServerStanding.Suspect, judgement.Judge(A, hasSilo: false, Second));
    }

    [Fact]
    public void JudgeThatHasJustStarted_DeclaresNobodyDead()
    {
        var judgement = new ServerJudgement(LiveTime, DeadTime);
        var start = TimeSpan.FromDays(30); // its clock's origin may be anywhere
        Assert.Equal(ServerStanding.Suspect, judgement.Judge(A, hasSilo: true, start));
        for (var at = start; at < start + DeadTime; at += Second) Assert.Equal(ServerStanding.Suspect, judgement.Judge(A, hasSilo: false, at));
        Assert.Equal(ServerStanding.Dead, judgement.Judge(A, hasSilo: false, start + DeadTime));
    }

    [Fact]
    public void JudgeThatSleptForAnHour_DeclaresNobodyDead()
    {
        var judgement = new ServerJudgement(LiveTime, DeadTime);
        judgement.Hear(A, Second);
        Assert.Equal(ServerStanding.Suspect, judgement.Judge(A, hasSilo: true, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void ServerThatSpeaksAgain_IsLive()
    {
        var judgement = new ServerJudgement(LiveTime, DeadTime);
        for (var at = TimeSpan.Zero; at < 2 * DeadTime; at += Second) judgement.Listen(at);
        Assert.Equal(ServerStanding.Dead, judgement.Judge(A, hasSilo: true, 2 * DeadTime));
        judgement.Hear(A, 2 * DeadTime);
        Assert.Equal(ServerStanding.Live, judgement.Judge(A, hasSilo: true, 2 * DeadTime));
    }
}
