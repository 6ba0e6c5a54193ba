using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Gofs.Grains.ChunkServers;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>
/// Chunk servers with replicas of one chunk, as sets of the writes they have. By a seed they lose requests, lose answers, carry a request out long after the
/// caller has given up, refuse, and die. Every call ends at once, so that a run is the same each time; between calls the world goes on.
/// </summary>
internal sealed class SimulatedServers(Random random) : IReplicaServers
{
    private readonly Dictionary<ServerId, SimulatedServer> servers = [];
    private readonly List<Action> late = [];
    private long lastCopy;

    public IReadOnlyDictionary<ServerId, SimulatedServer> All => servers;

    public double FaultRate { get; set; }

    /// <summary>What happens between two calls.</summary>
    public Action Meanwhile { get; set; } = () => { };

    public SimulatedServer Add(string name)
    {
        var server = new SimulatedServer(new(name));
        servers.Add(server.Id, server);
        return server;
    }

    /// <summary>Some request whose caller has given up is carried out.</summary>
    public void RunLate()
    {
        if (late.Count == 0) return;
        var chosen = late[random.Next(late.Count)];
        late.Remove(chosen);
        try
        {
            chosen();
        }
        catch (GofsException)
        {
            // Its caller does not hear it.
        }
    }

    public Task<ReplicaCopied> CopyAsync(ServerId target, ReplicaCopy copy) => CallAsync(target, to =>
    {
        var source = Alive(copy.Source);
        source.Require(copy.Version);
        to.Copies[++lastCopy] = copy.Source;
        return new ReplicaCopied(lastCopy, source.Writes.Count);
    });

    public Task InstallAsync(ServerId target, ReplicaInstall install)
    {
        // Fetched when it arrives; put in place, it may be, much later.
        HashSet<int>? fetched = null;
        return CallAsync(target, to =>
        {
            if (to.Version == install.Version) return 0;
            if (!to.Copies.TryGetValue(install.CopyId, out var from)) throw new GofsException(GofsError.ChunkNotFound, "no such copy");
            if (fetched is null) Fetch(from);
            if (to.Version is { } there && !VersionOwners.MayReplace(there, install.Version))
                throw new GofsException(GofsError.ReplicasDiffer, $"it has version {there} of a later owner");
            to.Take(install.Version);
            to.Writes = fetched!;
            to.Copies.Remove(install.CopyId);
            return 0;
        }, early: to =>
        {
            if (to.Copies.TryGetValue(install.CopyId, out var from)) Fetch(from);
        });

        void Fetch(ServerId from)
        {
            var source = Alive(from);
            source.Require(install.Version);
            fetched = [.. source.Writes];
        }
    }

    public Task DropAsync(ServerId target, ChunkHandle handle, long copyId) => CallAsync(target, to => to.Copies.Remove(copyId));

    public Task FlushAsync(ServerId server, ChunkHandle handle, ChunkVersion version) => CallAsync(server, at =>
    {
        at.Require(version);
        return 0;
    });

    public Task OfferVersionAsync(ServerId server, ChunkHandle handle, ChunkVersion version, ChunkVersion counts) => CallAsync(server, at =>
    {
        if (at.Version is null) throw new GofsException(GofsError.ChunkNotFound, "not here");
        at.Take(version);
        return 0;
    });

    public Task<ReplicaState[]> CheckAsync(ServerId server, ReplicaQuery[] replicas) => CallAsync(server, at =>
    {
        at.Require(replicas.Single().Version);
        return new ReplicaState[] { new(at.Writes.DefaultIfEmpty().Max(), null, "") { Damages = at.Damages } };
    });

    public Task DeleteOlderAsync(ServerId server, ChunkHandle handle, ChunkVersion than) => CallAsync(server, at =>
    {
        if (at.Version < than) at.Delete();
        return 0;
    });

    private Task<T> CallAsync<T>(ServerId server, Func<SimulatedServer, T> effect, Action<SimulatedServer>? early = null)
    {
        Meanwhile();
        try
        {
            var at = Alive(server);
            if (random.NextDouble() >= FaultRate) return Task.FromResult(effect(at));
            switch (random.Next(4))
            {
                case 0:
                    throw new GofsException(GofsError.Unavailable, "the request was lost");
                case 1:
                    effect(at);
                    throw new TimeoutException("the answer was lost");
                case 2:
                    early?.Invoke(at);
                    late.Add(() => effect(Alive(server)));
                    throw new TimeoutException("it is carried out later");
                default:
                    throw new GofsException(random.Next(2) == 0 ? GofsError.Busy : GofsError.NoSpace, "refused");
            }
        }
        catch (Exception failed)
        {
            return Task.FromException<T>(failed);
        }
    }

    private SimulatedServer Alive(ServerId server) =>
        servers[server].IsAlive ? servers[server] : throw new GofsException(GofsError.Unavailable, $"{server} does not answer");
}

/// <summary>A server with at most one replica.</summary>
internal sealed class SimulatedServer(ServerId id)
{
    public ServerId Id => id;

    public bool IsAlive { get; set; } = true;

    public ChunkVersion? Version { get; private set; }

    public HashSet<int> Writes { get; set; } = [];

    /// <summary>How many checksum blocks are bad, and known to be.</summary>
    public int Damages { get; set; }

    public Dictionary<long, ServerId> Copies { get; } = [];

    public void Require(ChunkVersion version)
    {
        if (Version is null) throw new GofsException(GofsError.ChunkNotFound, "not here");
        if (Version != version) throw new GofsException(GofsError.StaleVersion, $"it has version {Version}, not {version}");
    }

    public void Take(ChunkVersion version)
    {
        if (version < Version) throw new GofsException(GofsError.StaleVersion, $"it has version {Version} already");
        Version = version;
    }

    public void Delete()
    {
        Version = null;
        Writes = [];
    }
}
