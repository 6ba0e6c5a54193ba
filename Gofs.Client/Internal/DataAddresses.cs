using System.Net;
using Gofs.ChunkServers;

namespace Gofs.Internal;

/// <summary>
/// Where the chunk servers' data ports are, as the cluster's registry has it: fetched when an unknown server is asked for, at most once a second,
/// and again after <see cref="Fresh"/>, because a server that starts again may listen elsewhere.
/// </summary>
internal sealed class DataAddresses(Func<CancellationToken, Task<ChunkServerInfo[]>> list, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NotSooner = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private volatile Dictionary<ServerId, IPEndPoint> known = [];
    private Task? fetching;
    private long fetchedAt;
    private bool isForgotten = true;

    /// <summary>Where a server's data port is, or null: it has none, or the registry does not know it.</summary>
    public ValueTask<IPEndPoint?> FindAsync(ServerId server, CancellationToken cancellation)
    {
        var found = known.GetValueOrDefault(server);
        var age = time.GetElapsedTime(Volatile.Read(ref fetchedAt));
        if (Volatile.Read(ref isForgotten)) return new(FetchAsync(server, cancellation));
        if (age > Fresh || (found is null && age > NotSooner)) return new(FetchAsync(server, cancellation));
        return new(found);
    }

    /// <summary>What is known may be out of date: a server could not be reached where it was.</summary>
    public void Doubt()
    {
        lock (gate)
        {
            if (time.GetElapsedTime(fetchedAt) > NotSooner) isForgotten = true;
        }
    }

    private async Task<IPEndPoint?> FetchAsync(ServerId server, CancellationToken cancellation)
    {
        Task running;
        lock (gate)
        {
            if (fetching is null or { IsCompleted: true }) fetching = FetchAsync();
            running = fetching;
        }

        try
        {
            await running.WaitAsync(cancellation);
        }
        catch (GofsException) when (known.ContainsKey(server))
        {
            // The registry moves to another silo just now: what was known will do.
        }

        return known.GetValueOrDefault(server);
    }

    private async Task FetchAsync()
    {
        await Task.Yield();
        var servers = await list(CancellationToken.None);
        var read = new Dictionary<ServerId, IPEndPoint>(servers.Length);
        foreach (var one in servers)
        {
            if (IPEndPoint.TryParse(one.DataAddress, out var address)) read[one.Server] = address;
        }

        lock (gate)
        {
            known = read;
            Volatile.Write(ref fetchedAt, time.GetTimestamp());
            isForgotten = false;
        }
    }
}
