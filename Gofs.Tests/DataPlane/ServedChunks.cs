using System.Collections.Concurrent;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Chunks;
using Gofs.Grains.Chunks.Healing;
using Gofs.Transport;

namespace Gofs.Tests.DataPlane;

/// <summary>
/// What a chunk table decides of chunks on served stores, with the product's own <see cref="ReplicaJoin"/>: nothing is lost here but by the stores.
/// </summary>
internal sealed class ServedChunks : IHealedChunks, IReplicaServers
{
    private const int Owner = 1;
    private const int Goal = 2;
    private readonly ConcurrentDictionary<ChunkHandle, Chunk> chunks = new();
    private readonly IReadOnlyDictionary<ServerId, ServedStore> stores;
    private readonly ReplicaJoin join;
    private long last;

    public ServedChunks(IReadOnlyDictionary<ServerId, ServedStore> stores)
    {
        this.stores = stores;
        join = new(this, this);
    }

    public int Recovered { get; private set; }

    public int Joined { get; private set; }

    public int Left { get; private set; }

    public IEnumerable<ChunkHandle> All => chunks.Keys;

    public ChunkPlacement Allocate(Random random)
    {
        var handle = ChunkHandle.Create(1, 0, Interlocked.Increment(ref last));
        var servers = stores.Keys.ToArray();
        random.Shuffle(servers);
        chunks[handle] = new(servers[..(Goal + 1)]);
        return Locate(handle)!;
    }

    public ChunkPlacement? Locate(ChunkHandle handle)
    {
        if (!chunks.TryGetValue(handle, out var chunk)) return null;
        var (version, holders) = chunk.Now;
        var token = ServedStore.Key.Sign(handle, version, ChunkRights.Read | ChunkRights.Write, 0, DateTimeOffset.UtcNow);
        return new(0, handle, version, holders) { Token = token };
    }

    public async Task<ChunkPlacement> RecoverAsync(RecoverChunk command)
    {
        var end = await AloneAsync(command.Handle, async () => chunks.TryGetValue(command.Handle, out var chunk) && chunk.Now.Version > command.Version
            ? JoinEnd.Done
            : await join.SettleAsync(command.Handle, server => !command.Without.Contains(server), needsAll: false));
        if (end != JoinEnd.Done) throw new GofsException(GofsError.ChunkUnavailable, "nobody took the version", command.Handle.ToString());
        Recovered++;
        return Locate(command.Handle) ?? throw new GofsException(GofsError.ChunkNotFound, "it is no more", command.Handle.ToString());
    }

    /// <summary>One more replica, or one too many goes.</summary>
    public async Task ChangeAsync(ChunkHandle handle, Random random)
    {
        if (!chunks.TryGetValue(handle, out var chunk)) return;
        var (version, holders) = chunk.Now;
        if (holders.Length > Goal && random.Next(2) == 0)
        {
            var surplus = holders[random.Next(holders.Length)];
            if (await AloneAsync(handle, () => join.LeaveAsync(handle, surplus, _ => true)) == JoinEnd.Done) Left++;
            return;
        }

        ServerId[] others = [.. stores.Keys.Except(holders)];
        if (others.Length == 0 || holders.Length == 0) return;
        var target = others[random.Next(others.Length)];
        var copy = new ReplicaCopy(handle, version, holders[random.Next(holders.Length)], ReadToken(handle, version));
        var made = await CopyAsync(target, copy);
        if (await AloneAsync(handle, () => join.JoinAsync(copy, target, made.CopyId, _ => true)) == JoinEnd.Done) Joined++;
        else await DropAsync(target, handle, made.CopyId);
    }

    /// <summary>Replicas that do not count go.</summary>
    public async Task CleanAsync(ChunkHandle handle, ServerId server)
    {
        if (!chunks.TryGetValue(handle, out var chunk) || chunk.Now.Holders.Contains(server)) return;
        await DeleteOlderAsync(server, handle, chunk.Now.Version);
    }

    public async Task RemoveAsync(ChunkHandle handle)
    {
        chunks.TryRemove(handle, out _);
        foreach (var server in stores.Values)
        {
            await server.AskAsync(async at =>
            {
                await at.DeleteAsync([handle], default);
                return true;
            });
        }
    }

    public bool TryGet(ChunkHandle handle, out ChunkRow row)
    {
        var isThere = chunks.TryGetValue(handle, out var chunk);
        row = isThere ? new(chunk!.Now.Version, Goal) : default;
        return isThere;
    }

    public ServerId[] HoldersOf(ChunkHandle handle) => chunks.TryGetValue(handle, out var chunk) ? chunk.Now.Holders : [];

    public ValueTask<ChunkVersion> NextVersionAsync(ChunkHandle handle)
    {
        if (!chunks.TryGetValue(handle, out var chunk)) throw new GofsException(GofsError.ChunkNotFound, "it is no more", handle.ToString());
        return new(chunk.Offers.Next(handle, chunk.Now.Version, Owner));
    }

    public Task MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders)
    {
        if (chunks.TryGetValue(handle, out var chunk)) chunk.Now = (version, holders);
        return Task.CompletedTask;
    }

    public void Lose(ChunkHandle handle, ServerId server)
    {
        if (chunks.TryGetValue(handle, out var chunk)) chunk.Now = chunk.Now with { Holders = [.. chunk.Now.Holders.Where(one => one != server)] };
    }

    public ChunkToken ReadToken(ChunkHandle handle, ChunkVersion version) =>
        ServedStore.Key.Sign(handle, version, ChunkRights.Read, 0, DateTimeOffset.UtcNow);

    public async Task<T> AloneAsync<T>(ChunkHandle handle, Func<Task<T>> work)
    {
        if (!chunks.TryGetValue(handle, out var chunk)) return await work();
        await chunk.Turn.WaitAsync();
        try
        {
            return await work();
        }
        finally
        {
            chunk.Turn.Release();
        }
    }

    public Task<ReplicaCopied> CopyAsync(ServerId target, ReplicaCopy copy) => stores[target].Copies.CopyAsync(copy, default);

    public Task InstallAsync(ServerId target, ReplicaInstall install) => stores[target].Copies.InstallAsync(install, default);

    public Task DropAsync(ServerId target, ChunkHandle handle, long copyId) => stores[target].Copies.DropAsync(handle, copyId, default);

    public Task FlushAsync(ServerId server, ChunkHandle handle, ChunkVersion version) =>
        stores[server].AskAsync(at => at.FlushAsync(handle, version, leastLengthBytes: 0, default));

    public Task OfferVersionAsync(ServerId server, ChunkHandle handle, ChunkVersion version, ChunkVersion counts) => stores[server].AskAsync(async at =>
    {
        await at.SetVersionAsync(handle, version, counts, default);
        return true;
    });

    public Task<ReplicaState[]> CheckAsync(ServerId server, ReplicaQuery[] replicas) => throw new NotSupportedException();

    public Task DeleteOlderAsync(ServerId server, ChunkHandle handle, ChunkVersion than) => stores[server].AskAsync(async at =>
    {
        await at.DeleteOlderAsync(handle, than, default);
        return true;
    });

    private sealed class Chunk(ServerId[] holders)
    {
        private readonly Lock gate = new();
        private (ChunkVersion Version, ServerId[] Holders) now = (ChunkVersion.First, holders);

        public VersionOffers Offers { get; } = new();

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public (ChunkVersion Version, ServerId[] Holders) Now
        {
            get
            {
                lock (gate) return now;
            }
            set
            {
                lock (gate) now = value;
            }
        }
    }
}
