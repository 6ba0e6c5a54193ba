using Gofs.ChunkServers;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// The registry of chunk servers: those the cluster remembers, and what their heartbeats said since the registry started. One that it remembers and has
/// not heard yet is on the list too, so that nobody takes it for gone. Pure: times come in, the monotonic one for judging and the wall clock's to be shown.
/// </summary>
/// <param name="deadTime">How long a server is silent until it is dead.</param>
/// <param name="startedAt">When the registry started.</param>
public sealed class ServerRegistry(TimeSpan deadTime, DateTimeOffset startedAt)
{
    private readonly SortedDictionary<string, (Heartbeat Beat, DateTimeOffset At)> beats = new(StringComparer.Ordinal);
    private readonly ServerJudgement judgement = new(ChunkServerOptions.LiveTime, deadTime);

    /// <summary>How long a server is silent until it is dead.</summary>
    public TimeSpan DeadTime
    {
        get => judgement.DeadTime;
        set => judgement.DeadTime = value;
    }

    /// <summary>The registry is there, and hears whoever speaks.</summary>
    public void Listen(TimeSpan now) => judgement.Listen(now);

    /// <summary>A heartbeat arrived.</summary>
    public void Hear(Heartbeat beat, TimeSpan now, DateTimeOffset at)
    {
        judgement.Hear(beat.Server, now);
        beats[beat.Server.Value] = (beat, at);
    }

    /// <summary>A server is no more.</summary>
    public void Forget(ServerId server)
    {
        judgement.Forget(server);
        beats.Remove(server.Value);
    }

    /// <summary>What is to be remembered and is not: servers heard for the first time, or with other labels.</summary>
    public IReadOnlyList<KnownChunkServer> News(IReadOnlyList<KnownChunkServer> known) => [.. beats.Values
        .Select(one => (one.Beat, Known: known.FirstOrDefault(server => server.Server == one.Beat.Server)))
        .Where(one => one.Known is null || !IsSame(one.Known.Labels, one.Beat.Labels))
        .Select(one => (one.Known ?? new() { Server = one.Beat.Server }) with { Labels = one.Beat.Labels })];

    /// <summary>All servers, by id.</summary>
    /// <param name="known">Those that are remembered.</param>
    /// <param name="silos">The names of the silos that are in the cluster and are chunk servers.</param>
    /// <param name="now">The time that judges.</param>
    /// <param name="at">The time that is shown.</param>
    public ChunkServerInfo[] List(IReadOnlyList<KnownChunkServer> known, IReadOnlySet<string> silos, TimeSpan now, DateTimeOffset at)
    {
        var marks = known.ToDictionary(one => one.Server.Value, StringComparer.Ordinal);
        return [.. beats.Keys.Union(marks.Keys).Order(StringComparer.Ordinal).Select(Describe)];

        ChunkServerInfo Describe(string name)
        {
            var server = new ServerId(name);
            var standing = judgement.Judge(server, silos.Contains(name), now);
            var mark = marks.GetValueOrDefault(name);
            var isMaintained = mark is { Mark: ServerMark.Maintenance, MarkedUntil: { } until } && at < until;
            if (isMaintained && standing == ServerStanding.Dead) standing = ServerStanding.Suspect;
            var (beat, heardAt) = beats.GetValueOrDefault(name);
            return new(server, beat?.Labels ?? mark!.Labels, beat?.Disks ?? [], beat is null ? startedAt : heardAt, standing == ServerStanding.Live)
            {
                DataAddress = beat?.DataAddress ?? "",
                Scrub = beat?.Scrub,
                Traffic = beat?.Traffic,
                Standing = standing,
                Mark = mark is null || (mark.Mark == ServerMark.Maintenance && !isMaintained) ? ServerMark.None : mark.Mark,
                MarkedUntil = isMaintained ? mark!.MarkedUntil : null,
            };
        }
    }

    private static bool IsSame(Dictionary<string, string> one, Dictionary<string, string> other) => one.Count == other.Count && !one.Except(other).Any();
}
