using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// The copies a chunk table has under way, by server, and which servers refused one lately: those are left in peace for minutes. Pure; used by one at a time.
/// </summary>
public sealed class CopyLoad
{
    /// <summary>Copies of one table under way at once.</summary>
    public const int MostAtOnce = 4;

    /// <summary>Copies of one table onto one server under way at once.</summary>
    public const int MostOntoOne = 2;

    /// <summary>How long a server that refused a copy gets none.</summary>
    public static readonly TimeSpan RefusalTime = TimeSpan.FromMinutes(3);

    private readonly Dictionary<ServerId, int> onto = [];
    private readonly Dictionary<ServerId, int> from = [];
    private readonly Dictionary<ServerId, TimeSpan> refusedUntil = [];

    /// <summary>Copies under way.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Copies under way onto a server.</summary>
    public int Onto(ServerId server) => onto.GetValueOrDefault(server);

    /// <summary>Copies under way from a server.</summary>
    public int From(ServerId server) => from.GetValueOrDefault(server);

    /// <summary>Whether a server refused a copy lately.</summary>
    public bool IsRefusing(ServerId server, TimeSpan now) => refusedUntil.TryGetValue(server, out var until) && now < until;

    /// <summary>A copy begins.</summary>
    public void Begin(ServerId source, ServerId target)
    {
        UnderWay++;
        from[source] = From(source) + 1;
        onto[target] = Onto(target) + 1;
    }

    /// <summary>A copy has ended.</summary>
    public void End(ServerId source, ServerId target)
    {
        UnderWay--;
        Lessen(from, source);
        Lessen(onto, target);
    }

    /// <summary>A server refused a copy.</summary>
    public void Refuse(ServerId server, TimeSpan now) => refusedUntil[server] = now + RefusalTime;

    private static void Lessen(Dictionary<ServerId, int> counts, ServerId server)
    {
        if (--counts[server] == 0) counts.Remove(server);
    }
}
