using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Under which mark (<see cref="LossMarks"/>) each server has acknowledged writes that are not flushed yet. A server that acknowledges another write or
/// the flush under another mark may have lost some of them: its replica does not count any more. The marks outlive a change of the chunk's replicas,
/// because what the survivors have is not flushed by it. Thread-safe.
/// </summary>
internal sealed class UnflushedWrites
{
    private readonly Lock gate = new();
    private readonly Dictionary<(ChunkHandle, ServerId), byte> marks = [];

    /// <summary>A write was acknowledged. Throws, naming the server, when one may have lost earlier ones.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.DiskFailed"/>.</exception>
    public void Acknowledged(ChunkPlacement chunk, LossMarks now)
    {
        lock (gate)
        {
            for (var hop = 0; hop < chunk.Servers.Length; hop++)
            {
                if (now[hop] == 0) continue;
                var key = (chunk.Handle, chunk.Servers[hop]);
                if (!marks.TryGetValue(key, out var before)) marks.Add(key, now[hop]);
                else if (before != now[hop]) throw Lost(chunk, hop);
            }
        }
    }

    /// <summary>A flush was acknowledged: nothing is left unflushed. Throws, naming the server, when one may have lost some of it.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.DiskFailed"/>.</exception>
    public void Flushed(ChunkPlacement chunk, LossMarks now)
    {
        lock (gate)
        {
            for (var hop = 0; hop < chunk.Servers.Length; hop++)
            {
                if (now[hop] != 0 && marks.TryGetValue((chunk.Handle, chunk.Servers[hop]), out var before) && before != now[hop])
                    throw Lost(chunk, hop);
            }

            foreach (var server in chunk.Servers) marks.Remove((chunk.Handle, server));
        }
    }

    private static GofsException Lost(ChunkPlacement chunk, int hop) =>
        new(GofsError.DiskFailed, $"{chunk.Servers[hop]} is on a machine that was started anew and may have lost bytes that were not flushed", chunk.Handle.ToString())
        {
            Data = { [DataConnection.FailedHopKey] = hop },
        };
}
