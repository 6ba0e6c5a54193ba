using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Gofs.Grains.Chunks.Healing;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>
/// Chunk servers of different sizes with the replicas of many chunks, and the chunk tables of these. Copies take some seconds; other calls end at once. A
/// replica is good on a server that lives and has the version that counts, or a newer one; a chunk never has fewer of them than before, unless a server dies.
/// </summary>
internal sealed class SimulatedCluster(Random random) : IReplicaServers
{
    public const int ChunkBytes = 1 << 20;
    private const int MovesOntoOne = 2;
    private readonly List<(int Due, Action End)> underWay = [];
    private readonly Dictionary<ChunkHandle, int> floors = [];
    private long lastCopy;
    private int now;

    public Dictionary<ServerId, Disk> Disks { get; } = [];

    public List<Table> Tables { get; } = [];

    public void Pass()
    {
        now++;
        foreach (var one in underWay.Where(one => one.Due <= now).ToArray())
        {
            underWay.Remove(one);
            one.End();
        }
    }

    /// <summary>Whatever is there now is not to become fewer.</summary>
    public void NoteGood()
    {
        foreach (var (table, handle) in All()) floors[handle] = Math.Min(table.Rows[handle].Goal, Good(table, handle));
    }

    public void Check()
    {
        foreach (var (table, handle) in All())
        {
            Check(table, handle);
            floors[handle] = Math.Min(table.Rows[handle].Goal, Good(table, handle));
        }
    }

    public IEnumerable<(Table Table, ChunkHandle Handle)> All() => Tables.SelectMany(table => table.Rows.Keys.Select(handle => (table, handle)));

    public int Good(Table table, ChunkHandle handle) =>
        Disks.Values.Count(disk => disk.IsAlive && disk.Replicas.TryGetValue(handle, out var has) && has.Version >= table.Rows[handle].Version);

    public Task<ReplicaCopied> CopyAsync(ServerId target, ReplicaCopy copy)
    {
        var end = new TaskCompletionSource<ReplicaCopied>();
        var to = Disks[target];
        if (!to.IsAlive) end.SetException(new GofsException(GofsError.Unavailable, "it does not answer"));
        else if (copy.IsMove && to.MovesUnderWay >= MovesOntoOne) end.SetException(new GofsException(GofsError.Busy, "it makes copies"));
        else Begin();
        return end.Task;

        void Begin()
        {
            if (copy.IsMove) to.MovesUnderWay++;
            underWay.Add((now + random.Next(1, 5), () =>
            {
                if (copy.IsMove) to.MovesUnderWay--;
                var from = Disks[copy.Source];
                if (from.IsAlive && to.IsAlive && from.Replicas.TryGetValue(copy.Handle, out var has) && has.Version == copy.Version)
                    end.SetResult(new(++lastCopy, has.LengthBytes));
                else
                    end.SetException(new GofsException(GofsError.Unavailable, "it does not answer"));
            }));
        }
    }

    public Task InstallAsync(ServerId target, ReplicaInstall install)
    {
        var length = Disks.Values.First(one => one.Replicas.ContainsKey(install.Handle)).Replicas[install.Handle].LengthBytes;
        return CallAsync(target, disk => disk.Replicas[install.Handle] = (install.Version, length));
    }

    public Task DropAsync(ServerId target, ChunkHandle handle, long copyId) => CallAsync(target, _ => { });

    public Task FlushAsync(ServerId server, ChunkHandle handle, ChunkVersion version) => CallAsync(server, disk => Require(disk, handle));

    public Task OfferVersionAsync(ServerId server, ChunkHandle handle, ChunkVersion version, ChunkVersion counts) => CallAsync(server, disk =>
    {
        Require(disk, handle);
        disk.Replicas[handle] = disk.Replicas[handle] with { Version = version };
    });

    public async Task<ReplicaState[]> CheckAsync(ServerId server, ReplicaQuery[] replicas)
    {
        ReplicaState[] states = [];
        await CallAsync(server, disk => states = [.. replicas.Select(one => StateOf(disk, one))]);
        return states;

        static ReplicaState StateOf(Disk disk, ReplicaQuery one)
        {
            if (!disk.Replicas.TryGetValue(one.Handle, out var has)) return new(0, GofsError.ChunkNotFound, "not here");
            return new(has.LengthBytes, has.Version == one.Version ? null : GofsError.StaleVersion, "");
        }
    }

    public Task DeleteOlderAsync(ServerId server, ChunkHandle handle, ChunkVersion than) => CallAsync(server, disk =>
    {
        if (disk.Replicas.TryGetValue(handle, out var has) && has.Version < than) disk.Replicas.Remove(handle);
        foreach (var table in Tables.Where(table => table.Rows.ContainsKey(handle))) Check(table, handle);
    });

    private static void Require(Disk disk, ChunkHandle handle)
    {
        if (!disk.Replicas.ContainsKey(handle)) throw new GofsException(GofsError.ChunkNotFound, "not here");
    }

    private void Check(Table table, ChunkHandle handle) => Assert.True(
        Good(table, handle) >= floors[handle], $"chunk {handle} has {Good(table, handle)} good replicas; it had {floors[handle]}");

    private Task CallAsync(ServerId server, Action<Disk> effect)
    {
        try
        {
            if (!Disks[server].IsAlive) throw new GofsException(GofsError.Unavailable, "it does not answer");
            effect(Disks[server]);
            return Task.CompletedTask;
        }
        catch (GofsException failed)
        {
            return Task.FromException(failed);
        }
    }

    internal sealed class Disk(long totalBytes)
    {
        public long TotalBytes => totalBytes;

        public long UsedBytes => Replicas.Values.Sum(one => one.LengthBytes);

        public bool IsAlive { get; set; } = true;

        public int MovesUnderWay { get; set; }

        public Dictionary<ChunkHandle, (ChunkVersion Version, long LengthBytes)> Replicas { get; } = [];
    }

    /// <summary>A chunk table, without writers: nobody else offers versions.</summary>
    internal sealed class Table : IHealedChunks
    {
        private readonly VersionOffers offers = new();
        private readonly ReplicaMap replicas = new();

        public Dictionary<ChunkHandle, ChunkRow> Rows { get; } = [];

        public Action<ChunkHandle> Moved { get; set; } = _ => { };

        public IEnumerable<ChunkHandle> All => Rows.Keys;

        public bool TryGet(ChunkHandle handle, out ChunkRow row) => Rows.TryGetValue(handle, out row);

        public ServerId[] HoldersOf(ChunkHandle handle) => replicas.Of(handle);

        public ValueTask<ChunkVersion> NextVersionAsync(ChunkHandle handle) => ValueTask.FromResult(offers.Next(handle, Rows[handle].Version, owner: 1));

        public Task MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders)
        {
            Rows[handle] = Rows[handle] with { Version = version };
            replicas.Set(handle, holders);
            Moved(handle);
            return Task.CompletedTask;
        }

        public void Lose(ChunkHandle handle, ServerId server) => replicas.Remove(handle, server);

        public ChunkToken ReadToken(ChunkHandle handle, ChunkVersion version) => default;

        public async Task<T> AloneAsync<T>(ChunkHandle handle, Func<Task<T>> work)
        {
            var end = await work();
            offers.End(handle, Rows[handle].Version);
            return end;
        }

        /// <summary>A server says all it has; what is stale it deletes.</summary>
        public void Report(ServerId server, Disk disk)
        {
            foreach (var (handle, row) in Rows)
            {
                var isHeld = disk.Replicas.TryGetValue(handle, out var has);
                if (isHeld && has.Version >= row.Version) replicas.Add(handle, server);
                else replicas.Remove(handle, server);
                if (isHeld && has.Version < row.Version) disk.Replicas.Remove(handle);
            }
        }
    }
}
