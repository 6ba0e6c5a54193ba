using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Namespaces;
using Gofs.Tests.EditLogs;

namespace Gofs.Tests.Simulation;

/// <summary>What files and chunk tables have logged against what chunk servers have on their disks, when all is quiet.</summary>
internal sealed class ReplicaAudit(SimChunkCluster cluster)
{
    private const int MostRepairs = 10;
    private static readonly TimeSpan RepairTime = TimeSpan.FromSeconds(5);

    private static long ChunkBytes => SimNamespace.Config.ChunkSizeBytes;

    /// <summary>Why not every chunk that a file refers to has the replicas it wants, and none besides; null: they have.</summary>
    public string? Fault()
    {
        foreach (var (handle, row) in Rows())
        {
            var versions = cluster.All.Select(silo => silo.VersionOf(handle)).ToArray();
            if (versions.Count(version => version == row.Version) != row.Goal || versions.Any(version => version is not null && version != row.Version))
                return $"chunk {handle} is at version {row.Version}; servers have {string.Join(", ", versions.Select(one => one?.ToString() ?? "none"))}";
        }

        return null;
    }

    /// <summary>Shows each replica of a file's chunks as a reader of it would see it: where it begins, and its bytes up to the file's length.</summary>
    public async Task ShowReplicasAsync(InodeNumber file, TimeProvider time, Action<long, byte[], string> show)
    {
        if (Load<FileState, FileEvent>(StreamId.OfFile(SimNamespace.Number, file)) is not { } state) return;
        var rows = Rows().ToDictionary();
        for (var index = 0; index < state.Chunks.Count; index++)
        {
            var handle = state.Chunks[index];
            if (handle == ChunkHandle.None) continue;
            if (!rows.ContainsKey(handle))
            {
                // One who asked to append long ago is let in only now: his chunk is logged a moment before its table is told.
                await Task.Delay(RepairTime, time);
                rows = Rows().ToDictionary();
            }

            if (!rows.TryGetValue(handle, out var row))
            {
                cluster.World.Wrong($"file {file.Value} refers to chunk {handle}, which its table does not have");
                return;
            }

            var length = Math.Clamp(state.LengthBytes - (index * ChunkBytes), 0, ChunkBytes);
            foreach (var silo in cluster.All.Where(silo => silo.VersionOf(handle) == row.Version).ToArray())
            {
                if (await ReadAsync(silo, handle, row.Version, time) is { } bytes) show(index * ChunkBytes, bytes[..(int)length], silo.Process.Name);
            }
        }
    }

    // What has rotted is repaired when it was read, or the replica is given up: null. Likewise when one who opened the file long ago is let in only now, and
    // the chunk moves on.
    private async Task<byte[]?> ReadAsync(SimChunkSilo silo, ChunkHandle handle, ChunkVersion version, TimeProvider time)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                var into = new byte[ChunkBytes];
                await silo.Store!.ReadAsync(handle, version, 0, into, CancellationToken.None);
                return into;
            }
            catch (GofsException corrupt) when (corrupt.Error == GofsError.Corrupt && tries < MostRepairs)
            {
                await Task.Delay(RepairTime, time);
            }
            catch (GofsException moved) when (moved.Error == GofsError.StaleVersion && Rows().ToDictionary()[handle].Version > version)
            {
                return null;
            }
            catch (GofsException moves) when (moves.Error == GofsError.StaleVersion && tries < MostRepairs)
            {
                // Servers have a newer version a moment before the table has logged it: one whose replica was given up is made good for.
                await Task.Delay(RepairTime, time);
            }
            catch (GofsException gone) when (gone.Error == GofsError.ChunkNotFound && tries > 0)
            {
                return null;
            }
        }
    }

    private IEnumerable<KeyValuePair<ChunkHandle, ChunkRow>> Rows() => Enumerable.Range(0, SimNamespace.Config.ChunkTableShards)
        .SelectMany(shard => Load<ChunkTableState, ChunkTableEvent>(StreamId.OfChunkTable(SimNamespace.Number, shard))?.Rows ?? [])
        .OrderBy(row => row.Key.Value);

    private TState? Load<TState, TEvent>(StreamId stream)
        where TState : class, IEditLogState<TEvent>, new()
        where TEvent : class => cluster.Database.Find(stream) is { Head: var head }
        ? EditLogLoader.Load<TState, TEvent>(
            new SimStoredStreams(cluster.Database), stream, head, head.Number, EventSerializers.Of<TEvent>(), static () => { })
        : null;
}
