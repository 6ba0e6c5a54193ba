namespace Gofs.Silo.Hosting.Pulses;

/// <summary>
/// Which silos are to be declared dead because nobody hears them: what one silo makes of the pulses (<see cref="Pulse"/>) that reach it. Time comes in.
/// <para>
/// Why. Orleans' probes are calls: they wait in the same queues as everything else, so they must be patient, and it takes 2.5 to 3 s until a silo
/// that hangs or is cut off has missed enough of them. A thread of its own that sends a datagram ten times a second says something simpler, that
/// this process is given time and its network works, and it says that so often that twelve of them missing mean something.
/// </para>
/// <para>
/// The rule. A silo that was heard once and then not for <see cref="Silence"/> is silent; who finds one so says it in its own pulses. When more
/// than half of all active silos say it of one, the suspect counted among them, it is declared dead. So a silo that any half hears is never declared
/// dead, however the network is broken, and a part that is cut off and no majority declares nobody. Of two silos one is no majority: those, and
/// silos that never sent a pulse (an older release, a firewall), stay with the probes.
/// </para>
/// <para>
/// Who was away must not judge by what it missed. A silo that found nothing for <see cref="Deaf"/>, from anybody, is the one that is cut off; one whose
/// judgements are further apart than that was stopped itself. Both begin anew: they find nobody silent until they have listened for <see cref="Silence"/>.
/// Votes are as old as the pulse they came in, and count no longer than <see cref="Deaf"/>.
/// </para>
/// <para>
/// A wrong declaration costs a failover and the restart of a silo, never data: a former master can't commit (EditLog epochs) whoever declared it dead. When the
/// silo that judges dies, the others go on; each of the majority declares on its own.
/// </para>
/// </summary>
/// <param name="self">The silo that judges.</param>
internal sealed class PulseJudgement(SiloAddress self)
{
    /// <summary>Time between two pulses of a silo, and between two judgements.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a silo is not heard before it is silent. More than a second: a process may stand still that long and be well.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1200);

    /// <summary>Whoever has heard nobody, or has not judged, for this long begins anew.</summary>
    public static readonly TimeSpan Deaf = TimeSpan.FromMilliseconds(500);

    /// <summary>A silo that was declared dead and is still active is declared dead again after this.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    private readonly Dictionary<SiloAddress, Peer> peers = [];
    private TimeSpan? judgedAt;

    /// <summary>Silos found silent by the last judgement, in the order all silos have them in.</summary>
    public IReadOnlyList<SiloAddress> Silent { get; private set; } = [];

    /// <summary>How long this silo was stopped before the last judgement; zero when it was not.</summary>
    public TimeSpan Stopped { get; private set; }

    /// <summary>A pulse has arrived.</summary>
    /// <param name="pulse">Whose signature is right.</param>
    /// <param name="now">Time since any beginning that stays the same.</param>
    /// <returns>Whether it counts: it is a later one than the last, of another silo that was active at the last judgement.</returns>
    public bool Hear(Pulse pulse, TimeSpan now)
    {
        if (!peers.TryGetValue(pulse.From, out var peer) || pulse.Sequence <= peer.Sequence) return false;
        peer.Sequence = pulse.Sequence;
        peer.Votes = pulse.Silent;
        peer.PulseAt = peer.HeardSince = now;
        return true;
    }

    /// <summary>Judges, after all pulses that have arrived were heard.</summary>
    /// <param name="active">The silos that are active, as this one knows.</param>
    /// <param name="now">See <see cref="Hear"/>.</param>
    /// <returns>Those to be declared dead.</returns>
    public IReadOnlyList<SiloAddress> Judge(IReadOnlyCollection<SiloAddress> active, TimeSpan now)
    {
        Stopped = now - judgedAt is { } apart && apart > Deaf ? apart : TimeSpan.Zero;
        judgedAt = now;
        Follow(active);
        var isDeaf = peers.Values.All(peer => !peer.IsFresh(now));
        if (Stopped > TimeSpan.Zero || isDeaf || !active.Contains(self)) BeginAnew(now);
        Silent = [.. peers.Where(one => one.Value.IsSilent(now)).Select(one => one.Key).Order().Take(Pulse.MostSilent)];
        if (Silent.Count == 0) return [];
        List<SiloAddress> dead = [.. Silent.Where(suspect => VotesAgainst(suspect, now) * 2 > active.Count && peers[suspect].MayBeDeclared(now))];
        foreach (var one in dead) peers[one].DeclaredAt = now;
        return dead;
    }

    // Its own vote, and those of the others that are fresh.
    private int VotesAgainst(SiloAddress suspect, TimeSpan now) =>
        1 + peers.Count(one => !one.Key.Equals(suspect) && one.Value.IsFresh(now) && one.Value.Votes.Contains(suspect));

    private void Follow(IReadOnlyCollection<SiloAddress> active)
    {
        foreach (var gone in peers.Keys.Where(silo => !active.Contains(silo)).ToList()) peers.Remove(gone);
        foreach (var silo in active.Where(silo => !silo.Equals(self))) peers.TryAdd(silo, new());
    }

    private void BeginAnew(TimeSpan now)
    {
        foreach (var peer in peers.Values) (peer.HeardSince, peer.Votes) = (now, []);
    }

    private sealed class Peer
    {
        public ulong Sequence;
        public TimeSpan PulseAt;
        public TimeSpan HeardSince; // its last pulse, or when this silo began anew
        public TimeSpan? DeclaredAt;
        public IReadOnlyList<SiloAddress> Votes = [];

        private bool HasPulsed => Sequence > 0;

        public bool IsFresh(TimeSpan now) => HasPulsed && now - PulseAt < Deaf;

        public bool IsSilent(TimeSpan now) => HasPulsed && now - HeardSince >= Silence;

        public bool MayBeDeclared(TimeSpan now) => DeclaredAt is not { } at || now - at >= Again;
    }
}
