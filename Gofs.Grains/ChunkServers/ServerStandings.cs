using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// How all chunk servers stand, as a chunk table sees it from the registry's list. A server that was dead, or drained and silent, and is on no list any
/// more was removed by an operator: it is dead from then on. Any other (the registry is new and does not know it) is suspect until the table has missed it for
/// the dead time. Pure; used by one at a time.
/// </summary>
/// <param name="deadTime">How long a server is missed until it is dead.</param>
public sealed class ServerStandings(TimeSpan deadTime)
{
    private readonly ServerJudgement missed = new(TimeSpan.Zero, deadTime);
    private readonly HashSet<ServerId> removed = [];
    private readonly HashSet<ServerId> offTheList = []; // not removed, and not dead yet
    private Dictionary<ServerId, ChunkServerInfo> known = [];
    private TimeSpan now;

    /// <summary>How long a server is missed until it is dead.</summary>
    public TimeSpan DeadTime
    {
        get => missed.DeadTime;
        set => missed.DeadTime = value;
    }

    /// <summary>Moves whenever a standing or a mark has changed, or a server come or gone; and when one that is on the list no more is dead at last.</summary>
    public long Changes { get; private set; }

    /// <summary>The servers on the list.</summary>
    public IReadOnlyCollection<ChunkServerInfo> All => known.Values;

    /// <summary>
    /// Whether more than half of the servers are silent at once. That is no death of servers but of a network or a power line: copying what they hold
    /// onto the few that are left would only harm those.
    /// </summary>
    public bool IsMassSilence => known.Values.Count(info => Standing(info) != ServerStanding.Live) * 2 > known.Count;

    /// <summary>The registry's list as of now.</summary>
    public void Update(IReadOnlyList<ChunkServerInfo> list, TimeSpan at)
    {
        now = at;
        missed.Listen(at);
        foreach (var (server, last) in known.Where(one => !list.Any(info => info.Server == one.Key)))
        {
            var isGone = Standing(last) == ServerStanding.Dead || (Standing(last) == ServerStanding.Suspect && last.Mark == ServerMark.Drain);
            (isGone ? removed : offTheList).Add(server);
            Changes++;
        }

        foreach (var info in list)
        {
            missed.Hear(info.Server, at);
            removed.Remove(info.Server);
            offTheList.Remove(info.Server);
            if (!known.TryGetValue(info.Server, out var before) || Standing(before) != Standing(info) || before.Mark != info.Mark) Changes++;
        }

        known = list.ToDictionary(info => info.Server);
        Changes += offTheList.RemoveWhere(server => missed.Judge(server, hasSilo: false, at) == ServerStanding.Dead);
    }

    /// <summary>How a server stands.</summary>
    public ServerStanding Of(ServerId server) =>
        known.TryGetValue(server, out var info) ? Standing(info)
        : removed.Contains(server) ? ServerStanding.Dead : missed.Judge(server, hasSilo: false, now);

    /// <summary>What is known of a server, or null.</summary>
    public ChunkServerInfo? Find(ServerId server) => known.GetValueOrDefault(server);

    /// <summary>Whether a server is to be taken away.</summary>
    public bool IsDrained(ServerId server) => known.TryGetValue(server, out var info) && info.Mark == ServerMark.Drain;

    private static ServerStanding Standing(ChunkServerInfo info) =>
        info.Live ? ServerStanding.Live : info.Standing == ServerStanding.Dead ? ServerStanding.Dead : ServerStanding.Suspect;
}
