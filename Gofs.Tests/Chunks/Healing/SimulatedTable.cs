using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.Chunks.Healing;
using Gofs.Transport;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>A chunk table with one chunk, with the rules of the grain: who offers versions alone, which reports wait, what a report means.</summary>
internal sealed class SimulatedTable(SimulatedServers servers) : IHealedChunks
{
    public const int Goal = 3;
    public static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 1);
    private readonly ReplicaMap replicas = new();
    private readonly VersionOffers offers = new();

    public byte Wanted { get; set; } = Goal;

    public ChunkVersion Counts { get; private set; } = ChunkVersion.First;

    public bool IsOffered { get; private set; }

    public ServerId[] Holders => replicas.Of(Handle);

    public bool HasAllWritable => replicas.HasAllWritable(Handle);

    public Func<bool> IsUnsettled { get; set; } = () => false;

    public Action Moved { get; set; } = () => { };

    public IEnumerable<ChunkHandle> All => [Handle];

    public bool TryGet(ChunkHandle handle, out ChunkRow row)
    {
        row = new(Counts, Wanted);
        return true;
    }

    public ServerId[] HoldersOf(ChunkHandle handle) => Holders;

    public ChunkVersion NextVersion(ChunkHandle handle) => offers.Next(Handle, Counts, epoch: 1);

    public Task MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders)
    {
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
    }

    /// <summary>A writer asks for a new version on the servers that have all it wrote.</summary>
    public bool Recover(ServerId[] survivors)
    {
        if (IsOffered) return false;
        ServerId[] taken;
        ChunkVersion version;
        do
        {
            version = NextVersion(Handle);
            taken = [.. survivors.Where(server => Takes(servers.All[server], version))];
            (survivors, var asked) = (taken, survivors);
            if (asked.Length == taken.Length) break;
        }
        while (taken.Length > 0);

        if (taken.Length > 0) MoveAsync(Handle, version, taken);
        return taken.Length > 0;
    }

    private static bool Takes(SimulatedServer server, ChunkVersion version)
    {
        if (!server.IsAlive || server.Version is null || version < server.Version) return false;
        server.Take(version);
        return true;
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
            replicas.Add(Handle, server);
        }
        else if (version > Counts)
        {
            MoveAsync(Handle, version.Value, [server]);
        }
        else
        {
            replicas.Remove(Handle, server);
            return Holders.Length > 0;
        }

        return false;
    }
}
