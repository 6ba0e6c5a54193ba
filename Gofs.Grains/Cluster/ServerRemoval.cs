using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;

namespace Gofs.Grains.Cluster;

/// <summary>Whether a chunk server that is gone may be forgotten without force: when no chunk needs it, and that is known of all. Pure.</summary>
public static class ServerRemoval
{
    /// <summary>Refuses while anything may need the server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="replicas">What all chunk tables say of it.</param>
    /// <param name="loading">Namespaces that are being loaded: nobody finds their tables yet, so they could not be asked.</param>
    /// <exception cref="GofsException"><see cref="GofsError.NotPermitted"/>.</exception>
    public static void RequireNotNeeded(ServerId server, ServerReplicas replicas, IReadOnlyList<NamespaceInfo> loading)
    {
        if (loading.Count > 0)
            throw Refused(server, $"namespace {loading[0].Name} is being loaded and may need it: let the load end, remove the namespace, or force it");
        if (replicas.TablesNotReady > 0)
            throw Refused(server, $"{replicas.TablesNotReady} chunk tables do not know yet what it has: try again in a minute, or force it");
        if (replicas.Needed > 0)
            throw Refused(server,
                $"without it {replicas.Needed} chunks have fewer replicas than wanted, and {replicas.Only} of them none: start it and let it be drained, or force it");
        if (replicas.BeingWritten > 0)
            throw Refused(server,
                $"{replicas.BeingWritten} chunks that no file refers to yet are on it or were given out for it: try again in some minutes, or force it");
    }

    private static GofsException Refused(ServerId server, string why) => new(GofsError.NotPermitted, why, server.Value);
}
