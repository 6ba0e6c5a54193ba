using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Under which mark (<see cref="LossMarks"/>) each server has acknowledged writes that are not flushed yet. A server that acknowledges another write or
/// the flush under another mark may have lost some of them: its replica does not count any more. The marks outlive a change of the chunk's replicas,
/// because what the survivors have is not flushed by it.
/// <para>
/// A replica that joined meanwhile has no mark here, and is a copy of one that had. Once a mark has changed nobody knows whether the copy was made of what
/// was lost: until the flush such a replica does not count either. Thread-safe.
/// </para>
/// </summary>
internal sealed class UnflushedWrites
{
    private readonly Lock gate = new();
    private readonly Dictionary<ChunkHandle, Dictionary<ServerId, byte>> marks = [];
    private readonly HashSet<ChunkHandle> doubtful = []; // a mark has changed since the last flush

    /// <summary>A write was acknowledged. Throws, naming the server, when one may have lost earlier ones.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.DiskFailed"/>.</exception>
    public void Acknowledged(ChunkPlacement chunk, LossMarks now)
    {
        lock (gate)
        {
            if (!marks.TryGetValue(chunk.Handle, out var before)) marks.Add(chunk.Handle, before = []);
            Check(chunk, before, now);
            for (var hop = 0; hop < chunk.Servers.Length; hop++)
            {
                if (now[hop] != 0) before.TryAdd(chunk.Servers[hop], now[hop]);
            }
        }
    }

    /// <summary>A flush was acknowledged: nothing is left unflushed. Throws, naming the server, when one may have lost some of it.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.DiskFailed"/>.</exception>
    public void Flushed(ChunkPlacement chunk, LossMarks now)
    {
        lock (gate)
        {
            if (!marks.TryGetValue(chunk.Handle, out var before)) return;
            Check(chunk, before, now);
            marks.Remove(chunk.Handle);
            doubtful.Remove(chunk.Handle);
        }
    }

    /// <summary>A chunk was copied to another, on the same servers, which is written to from now on.</summary>
    public void Moved(ChunkHandle from, ChunkHandle to)
    {
        lock (gate)
        {
            if (marks.Remove(from, out var before)) marks[to] = before;
            if (doubtful.Remove(from)) doubtful.Add(to);
        }
    }

    private void Check(ChunkPlacement chunk, Dictionary<ServerId, byte> before, LossMarks now)
    {
        for (var hop = 0; hop < chunk.Servers.Length; hop++)
        {
            if (now[hop] == 0) continue;
            var isKnown = before.TryGetValue(chunk.Servers[hop], out var was);
            if (isKnown && was != now[hop]) doubtful.Add(chunk.Handle);
            if (isKnown ? was != now[hop] : doubtful.Contains(chunk.Handle)) throw Lost(chunk, hop);
        }
    }

    private static GofsException Lost(ChunkPlacement chunk, int hop) =>
        new(GofsError.DiskFailed, $"{chunk.Servers[hop]} is on a machine that was started anew and may have lost bytes that were not flushed", chunk.Handle.ToString())
        {
            Data = { [DataConnection.FailedHopKey] = hop },
        };
}
