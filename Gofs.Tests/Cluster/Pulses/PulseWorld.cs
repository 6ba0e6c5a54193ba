using System.Net;
using Gofs.Silo.Hosting.Pulses;
using Orleans.Runtime;

namespace Gofs.Tests.Cluster.Pulses;

/// <summary>
/// Silos that judge each other by pulses, in a time of its own: each judges and sends every 100 to 150 ms from a beginning of its own, pulses are up
/// to 30 ms on their way and come in while a silo is stopped, as into a socket. What is cut and who is stopped the test says.
/// </summary>
internal sealed class PulseWorld
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private readonly Random random;
    private readonly PulseJudgement[] judgements;
    private readonly TimeSpan[] due;
    private readonly ulong[] sequences;
    private readonly List<(TimeSpan At, int To, Pulse Pulse)> underway = [];
    private readonly HashSet<SiloAddress> removed = [];

    public PulseWorld(int silos, uint seed)
    {
        random = new Random((int)seed);
        Silos = [.. Enumerable.Range(1, silos).Select(number => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000 + number), number))];
        judgements = [.. Silos.Select(silo => new PulseJudgement(silo))];
        due = [.. Silos.Select(_ => TimeSpan.FromMilliseconds(random.Next(0, 100)))];
        sequences = new ulong[silos];
    }

    public IReadOnlyList<SiloAddress> Silos { get; }

    public TimeSpan Now { get; private set; } = TimeSpan.Zero;

    /// <summary>Whether what one sends reaches the other.</summary>
    public Func<int, int, bool> Reaches { get; set; } = (_, _) => true;

    /// <summary>Whether it does nothing at all.</summary>
    public Func<int, bool> IsStopped { get; set; } = _ => false;

    /// <summary>Whether a silo sends pulses.</summary>
    public Func<int, bool> Sends { get; set; } = _ => true;

    /// <summary>Whether the membership drops whoever is declared dead, as it does unless PostgreSQL can't be reached.</summary>
    public bool Removes { get; set; } = true;

    /// <summary>Who declared whom, and when.</summary>
    public List<(int By, int Dead, TimeSpan At)> Declared { get; } = [];

    /// <summary>Lets time go by.</summary>
    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Step)
        {
            for (var silo = 0; silo < Silos.Count; silo++)
            {
                if (due[silo] > Now || IsStopped(silo) || removed.Contains(Silos[silo])) continue;
                Beat(silo);
                due[silo] = Now + TimeSpan.FromMilliseconds(random.Next(100, 150));
            }
        }
    }

    public void Run(int milliseconds) => Run(TimeSpan.FromMilliseconds(milliseconds));

    private void Beat(int silo)
    {
        foreach (var (_, _, pulse) in underway.Where(one => one.To == silo && one.At <= Now)) judgements[silo].Hear(pulse, Now);
        underway.RemoveAll(one => one.To == silo && one.At <= Now);
        IReadOnlyList<SiloAddress> active = [.. Silos.Where(other => !removed.Contains(other))];
        foreach (var dead in judgements[silo].Judge(active, Now))
        {
            Declared.Add((silo, Silos.ToList().IndexOf(dead), Now));
            if (Removes) removed.Add(dead);
        }

        if (!Sends(silo)) return;
        var said = new Pulse(Silos[silo], ++sequences[silo], judgements[silo].Silent);
        for (var to = 0; to < Silos.Count; to++)
        {
            if (to != silo && Reaches(silo, to)) underway.Add((Now + TimeSpan.FromMilliseconds(random.Next(0, 30)), to, said));
        }
    }
}
