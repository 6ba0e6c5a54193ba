using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Says which chunk servers are live, suspect or dead. Live: heard lately, and its silo is in the cluster. Suspect: silent, or its silo is gone, however
/// little time has passed. Dead: not live, and silent for the dead time.
/// <para>
/// Silence counts only while the judge listens: one that has just started has heard nobody, and one that was stopped for a minute (its machine slept, its
/// process was frozen) did not hear who spoke meanwhile. So it says that it listens at least every <see cref="LongestPause"/>; after a longer pause
/// all silence begins anew. Pure: times are monotonic, from any origin, so that a clock that is set changes nothing. Used by one at a time.
/// </para>
/// </summary>
/// <param name="liveTime">How long a word counts.</param>
/// <param name="deadTime">How long a server is silent until it is dead.</param>
public sealed class ServerJudgement(TimeSpan liveTime, TimeSpan deadTime)
{
    /// <summary>How long a server is silent until it is dead; one that is dead lives again when it grows.</summary>
    public TimeSpan DeadTime { get; set; } = deadTime;

    /// <summary>A judge that did not listen for longer was away.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ServerId, TimeSpan> heard = [];
    private TimeSpan? listensSince;
    private TimeSpan listenedAt;

    /// <summary>The judge is there, and hears whoever speaks.</summary>
    public void Listen(TimeSpan now)
    {
        if (listensSince is null || now - listenedAt > LongestPause) listensSince = now;
        if (now > listenedAt) listenedAt = now;
    }

    /// <summary>A server spoke.</summary>
    public void Hear(ServerId server, TimeSpan now)
    {
        Listen(now);
        heard[server] = now;
    }

    /// <summary>A server is no more.</summary>
    public void Forget(ServerId server) => heard.Remove(server);

    /// <summary>How a server stands.</summary>
    /// <param name="server">Which; one never heard of too.</param>
    /// <param name="hasSilo">Whether its silo is in the cluster now.</param>
    /// <param name="now">The time.</param>
    public ServerStanding Judge(ServerId server, bool hasSilo, TimeSpan now)
    {
        Listen(now);
        var spoke = heard.TryGetValue(server, out var at);
        if (spoke && hasSilo && now - at < liveTime) return ServerStanding.Live;
        var since = spoke && at > listensSince!.Value ? at : listensSince!.Value;
        return now - since >= DeadTime ? ServerStanding.Dead : ServerStanding.Suspect;
    }
}
