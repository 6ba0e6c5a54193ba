using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Says, when a write or flush has failed, which of its replicas it can't go on with. A server that refuses for good (disk, no such chunk, too few bytes) is
/// named by the failure. One that broke off may be dead or not: every server of the chain is asked whether it lives. When all do, it may have
/// been the way between two of them: the same is tried again, and after <see cref="MostTries"/> the one that was named is left out.
/// </summary>
internal sealed class ReplicaDoctor(IChunkTransport transport, Suspects suspects)
{
    /// <summary>Tries with servers that all live.</summary>
    public const int MostTries = 3;

    private static readonly TimeSpan Sure = TimeSpan.FromSeconds(1);

    /// <summary>Those that did not answer a moment ago; who has had a second since is asked again, and is none any more when it answers.</summary>
    public async ValueTask<ServerId[]> StillSilentAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation)
    {
        var known = suspects.Among(servers);
        foreach (var server in known)
        {
            if (suspects.AgeOf(server) < Sure) continue;
            if (await transport.IsAliveAsync(server, chunk, cancellation)) suspects.Remove(server);
            else suspects.Add(server);
        }

        return known.Length == 0 ? known : suspects.Among(servers);
    }

    /// <summary>The servers to go on without; none: try again. Those that do not answer are suspects from now on.</summary>
    public async ValueTask<ServerId[]> FindFailedAsync(
        ServerId[] servers, ChunkAccess chunk, GofsException failure, int tries, CancellationToken cancellation)
    {
        var named = servers[Math.Clamp(failure.Data[DataConnection.FailedHopKey] as int? ?? 0, 0, servers.Length - 1)];
        if (failure.Error is GofsError.DiskFailed or GofsError.NoSpace or GofsError.ChunkNotFound or GofsError.Corrupt or GofsError.ReplicasDiffer)
            return [named];
        if (!Failures.IsTransient(failure.Error)) throw failure;
        if (failure.Error == GofsError.Busy) return [];
        if (failure.Error == GofsError.ChunkServerNotFound) suspects.Add(named);
        if (await StillSilentAsync(servers, chunk, cancellation) is { Length: > 0 } known) return known;
        var answers = await Task.WhenAll(Array.ConvertAll(servers, server => transport.IsAliveAsync(server, chunk, cancellation)));
        ServerId[] silent = [.. servers.Where((_, i) => !answers[i])];
        foreach (var server in silent) suspects.Add(server);
        return silent.Length == 0 && tries >= MostTries ? [named] : silent;
    }
}
