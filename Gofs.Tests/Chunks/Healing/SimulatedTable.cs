using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.Chunks.Healing;
using Gofs.Transport;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>
/// An owner of a chunk table with one chunk, with the rules of the grain: who offers versions alone, which reports wait, what a report means. When it has a
/// successor it goes on as a zombie does, and logs nothing any more.
/// </summary>
internal sealed class SimulatedTable(SimulatedServers servers, SimulatedTable? former = null) : IHealedChunks
{
    public const int Goal = 3;
    public static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 1);
    private readonly ReplicaMap replicas = new();
    private readonly VersionOffers offers = new();
    private readonly int owner = former is null ? 1 : former.owner + 1;
    private readonly HashSet<ServerId> heard = [];

    /// <summary>Whether another owner has taken over.</summary>
    public bool IsSucceeded { get; set; }

    /// <summary>Whether nothing it does reaches anybody any more.</summary>
    public bool IsDead { get; set; }

    /// <summary>What happens between two offers.</summary>
    public Action Between { get; set; } = () => { };

    public byte Wanted { get; set; } = Goal;

    public ChunkVersion Counts { get; private set; } = former?.Counts ?? ChunkVersion.First;

    public bool IsOffered { get; private set; }

    public ServerId[] Holders => replicas.Of(Handle);

    public bool HasAllWritable => replicas.HasAllWritable(Handle);

    public Func<bool> IsUnsettled { get; set; } = () => false;

    public Action Unsettle { get; set; } = () => { };

    public Action Moved { get; set; } = () => { };

    public IEnumerable<ChunkHandle> All => [Handle];

    public bool TryGet(ChunkHandle handle, out ChunkRow row)
    {
        row = new(Counts, Wanted);
        return true;
    }

    public ServerId[] HoldersOf(ChunkHandle handle) => Holders;

    public ValueTask<ChunkVersion> NextVersionAsync(ChunkHandle handle) => ValueTask.FromResult(offers.Next(Handle, Counts, owner));

    public bool HasHeard(ServerId server) => heard.Contains(server);

    public Task MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders)
    {
        if (IsSucceeded) return Task.FromException(new GofsException(GofsError.Unavailable, "the table has another owner"));
        Counts = version;
        replicas.Set(Handle, holders);
        Moved();
        return Task.CompletedTask;
    }

    public void Lose(ChunkHandle handle, ServerId server) => replicas.Remove(Handle, server);

    public ChunkToken ReadToken(ChunkHandle handle, ChunkVersion version) => default;

    public async Task<T> AloneAsync<T>(ChunkHandle handle, Func<Task<T>> work)
    {
        // All calls end at once: two at a time can't be.
        if (IsOffered) throw new InvalidOperationException("two offer versions of a chunk at a time");
        IsOffered = true;
        try
        {
            return await work();
        }
        finally
        {
            IsOffered = false;
            foreach (var (server, version) in offers.End(Handle, Counts))
            {
                if ((version is null || version < Counts) && Holders.Contains(server)) continue;
                Hear(server, version);
            }
        }
    }

    /// <summary>A server says what it has; what is stale it deletes.</summary>
    public void Report(ServerId server)
    {
        if (Hear(server, servers.All[server].Version)) servers.All[server].Delete();
        heard.Add(server);
    }

    /// <summary>A writer asks for a new version on the servers that have all it wrote.</summary>
    public bool Recover(ServerId[] survivors)
    {
        if (IsOffered) return false;
        // An owner that has just started waits for the reports.
        foreach (var server in servers.All.Values.Where(one => one.IsAlive && !heard.Contains(one.Id))) Report(server.Id);
        for (var rounds = 1; ; rounds++)
        {
            var version = offers.Next(Handle, Counts, owner);
            OfferAnswer[] answers = [.. survivors.Select(server => Offer(servers.All[server], version))];
            ServerId[] taken = [.. survivors.Where((_, i) => answers[i] == OfferAnswer.Taken)];
            ServerId[] ahead = [.. survivors.Where((_, i) => answers[i] == OfferAnswer.Newer && rounds < VersionRound.Patience)];
            if (ahead.Length == 0 && (taken.Length == 0 || !answers.Contains(OfferAnswer.Unknown)))
                return taken.Length > 0 && MoveAsync(Handle, version, taken).IsCompletedSuccessfully;
            survivors = [.. taken, .. ahead];
        }
    }

    private OfferAnswer Offer(SimulatedServer server, ChunkVersion version)
    {
        Between();
        if (IsDead || !server.IsAlive) return OfferAnswer.Unknown;
        if (server.Version is null) return OfferAnswer.Refused;
        if (version < server.Version) return OfferAnswer.Newer;
        server.Take(version);
        return OfferAnswer.Taken;
    }

    // Answers whether it is stale.
    private bool Hear(ServerId server, ChunkVersion? version)
    {
        if (IsOffered)
        {
            offers.Hear(Handle, server, version);
            if (version == Counts) replicas.Add(Handle, server);
        }
        else if (version is null)
        {
            replicas.Remove(Handle, server);
        }
        else if (version == Counts || (version > Counts && IsUnsettled()))
        {
            if (version > Counts) offers.Saw(Handle, version.Value);
            replicas.Add(Handle, server);
        }
        else
        {
            return version < Counts ? LeavesOut(server) : HearAhead(server, version.Value);
        }

        return false;
    }

    private bool HearAhead(ServerId server, ChunkVersion version)
    {
        var isAnyKnown = Array.Exists(Holders, one => one != server);
        switch (AheadReplica.Judge(version, Counts, owner, replicas.WasAmongAll(Handle, server), isAnyKnown))
        {
            case AheadWorth.Good:
                offers.Saw(Handle, version);
                replicas.Add(Handle, server);
                Unsettle();
                return false;
            case AheadWorth.Stale:
                return LeavesOut(server);
            default:
                if (heard.Count < servers.All.Values.Count(one => one.IsAlive)) return false; // it tells again
                MoveAsync(Handle, version, [server]);
                replicas.Forget(Handle);
                return false;
        }
    }

    private bool LeavesOut(ServerId server)
    {
        replicas.Remove(Handle, server);
        return Holders.Length > 0;
    }
}
