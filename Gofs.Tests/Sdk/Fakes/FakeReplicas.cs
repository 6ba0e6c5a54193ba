using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>
/// Chunk servers in memory, with versions as the chunk store has them. The test says what becomes of a write: what is not refused is written
/// by each server up to the one that fails.
/// </summary>
internal sealed class FakeReplicas : IChunkTransport
{
    private readonly Dictionary<(ServerId, ChunkHandle), (ChunkVersion Version, byte[] Data)> replicas = [];
    private readonly Dictionary<(ServerId, ChunkHandle), byte[]> flushed = [];
    private readonly Dictionary<ServerId, byte> starts = [];
    private readonly Lock gate = new();

    /// <summary>Servers that do not answer.</summary>
    public HashSet<ServerId> Dead { get; } = [];

    /// <summary>Asked before each server of a write is reached: whether that one breaks off now, once.</summary>
    public Func<ServerId, bool> Breaks { get; set; } = _ => false;

    /// <summary>So many flushes fail, as on a broken disk.</summary>
    public int FlushesToFail { get; set; }

    /// <summary>What a power cut would leave.</summary>
    public byte[] Flushed(ServerId server, ChunkHandle handle)
    {
        lock (gate) return flushed.GetValueOrDefault((server, handle)) ?? [];
    }

    public byte[] Data(ServerId server, ChunkHandle handle)
    {
        lock (gate) return replicas.TryGetValue((server, handle), out var one) ? one.Data : [];
    }

    /// <summary>As the chunk store: a newer version is taken, an older is not; false where there is no such chunk or the server is dead.</summary>
    public bool SetVersion(ServerId server, ChunkHandle handle, ChunkVersion version)
    {
        lock (gate)
        {
            if (Dead.Contains(server) || !replicas.TryGetValue((server, handle), out var one) || one.Version > version) return false;
            replicas[(server, handle)] = (version, one.Data);
            return true;
        }
    }

    /// <summary>A replica is cut behind everybody's back.</summary>
    public void Cut(ServerId server, ChunkHandle handle, int length)
    {
        lock (gate) replicas[(server, handle)] = replicas[(server, handle)] with { Data = replicas[(server, handle)].Data[..length] };
    }

    /// <summary>A server's machine is started anew; it happens that nothing was lost.</summary>
    public void Restart(ServerId server)
    {
        lock (gate) starts[server] = (byte)(starts.GetValueOrDefault(server) + 1);
    }

    /// <summary>A server's machine loses its power and comes back with what was flushed, names of chunks included.</summary>
    public void CutPower(ServerId server)
    {
        lock (gate)
        {
            starts[server] = (byte)(starts.GetValueOrDefault(server) + 1);
            foreach (var (key, one) in replicas.Where(one => one.Key.Item1 == server).ToArray())
            {
                if (flushed.TryGetValue(key, out var data)) replicas[key] = (one.Version, data);
                else replicas.Remove(key);
            }
        }
    }

    public async Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation)
    {
        await Task.Yield();
        var marks = new byte[servers.Length];
        for (var hop = 0; hop < servers.Length; hop++)
        {
            lock (gate)
            {
                if (Dead.Contains(servers[hop]) || Breaks(servers[hop])) throw Failed(GofsError.Unavailable, hop);
                marks[hop] = MarkOf(servers[hop]);
                var there = replicas.TryGetValue((servers[hop], write.Handle), out var one);
                if (!there && write.Version != ChunkVersion.First) throw Failed(GofsError.ChunkNotFound, hop);
                if (there && one.Version != write.Version) throw Failed(GofsError.StaleVersion, hop);
                if ((there ? one.Data.Length : 0) < write.LeastLengthBytes) throw Failed(GofsError.ReplicasDiffer, hop);
                var data = there ? one.Data : [];
                var end = (int)write.OffsetBytes + write.Data.Length;
                if (end > data.Length) Array.Resize(ref data, end);
                write.Data.Span.CopyTo(data.AsSpan((int)write.OffsetBytes));
                replicas[(servers[hop], write.Handle)] = (write.Version, data);
                if (write.Durable) flushed[(servers[hop], write.Handle)] = (byte[])data.Clone();
            }
        }

        return Marks(marks);
    }

    public async Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation)
    {
        await Task.Yield();
        lock (gate)
        {
            if (FlushesToFail > 0)
            {
                FlushesToFail--;
                throw Failed(GofsError.DiskFailed, 0);
            }

            for (var hop = 0; hop < servers.Length; hop++)
            {
                if (Dead.Contains(servers[hop]) || Breaks(servers[hop])) throw Failed(GofsError.Unavailable, hop);
                if (!replicas.TryGetValue((servers[hop], chunk.Handle), out var one)) throw Failed(GofsError.ChunkNotFound, hop);
                if (one.Version != chunk.Version) throw Failed(GofsError.StaleVersion, hop);
                if (one.Data.Length < chunk.LeastLengthBytes) throw Failed(GofsError.ReplicasDiffer, hop);
                flushed[(servers[hop], chunk.Handle)] = (byte[])one.Data.Clone();
            }

            return Marks(Array.ConvertAll(servers, MarkOf));
        }
    }

    public Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(!Dead.Contains(server));
    }

    public Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation) =>
        throw new NotSupportedException();

    private byte MarkOf(ServerId server) => (byte)(1 + starts.GetValueOrDefault(server));

    private static LossMarks Marks(byte[] each) => each.Reverse().Aggregate(default(LossMarks), (behind, own) => new(own, behind));

    private static GofsException Failed(GofsError error, int hop) =>
        new(error, "the test wants it so", "chunk") { Data = { [DataConnection.FailedHopKey] = hop } };
}
