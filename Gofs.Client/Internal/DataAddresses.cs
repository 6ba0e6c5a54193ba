using System.Net;
using Gofs.ChunkServers;

namespace Gofs.Internal;

/// <summary>
/// Where the chunk servers' data ports are, as the cluster's registry has it. Only who asks for a server nobody knows waits for the registry, at most
/// once a second; what is known is fetched anew in the background when it is older than <see cref="Fresh"/> or in doubt, because a
/// server that starts again may listen elsewhere. So the bytes go on while the registry moves to another silo.
/// </summary>
internal sealed class DataAddresses
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NotSooner = TimeSpan.FromSeconds(1);
    private readonly Func<Task<ChunkServerInfo[]>> list;
    private readonly TimeProvider time;
    private readonly OneForAll fetch;
    private volatile Answer? last;
    private volatile Answer? doubted;

    /// <summary>Addresses from a list of the chunk servers.</summary>
    public DataAddresses(Func<Task<ChunkServerInfo[]>> list, TimeProvider time)
    {
        (this.list, this.time) = (list, time);
        fetch = new(FetchAsync);
    }

    /// <summary>Where a server's data port is, or null: it has none, or the registry does not know it.</summary>
    /// <exception cref="GofsException">The registry does not answer, and the server was never heard of.</exception>
    public ValueTask<IPEndPoint?> FindAsync(ServerId server, CancellationToken cancellation)
    {
        if (last is not { } answer) return new(FetchAsync(server, cancellation));
        var age = time.GetElapsedTime(answer.At);
        var found = answer.Servers.GetValueOrDefault(server);
        if (found is null && age > NotSooner) return new(FetchAsync(server, cancellation));
        if (age > (doubted == answer ? NotSooner : Fresh)) _ = fetch.RunAsync();
        return new(found);
    }

    /// <summary>What is known may be out of date: a server could not be reached where it was.</summary>
    public void Doubt() => doubted = last;

    private async Task<IPEndPoint?> FetchAsync(ServerId server, CancellationToken cancellation)
    {
        await fetch.RunAsync().WaitAsync(cancellation);
        return last!.Servers.GetValueOrDefault(server);
    }

    private async Task FetchAsync()
    {
        // Whoever asks may have looked before the fetch that has just ended.
        if (last is { } answer && time.GetElapsedTime(answer.At) <= NotSooner) return;
        var servers = new Dictionary<ServerId, IPEndPoint>();
        foreach (var one in await list())
        {
            if (IPEndPoint.TryParse(one.DataAddress, out var address)) servers[one.Server] = address;
        }

        last = new(servers, time.GetTimestamp());
    }

    private sealed record Answer(Dictionary<ServerId, IPEndPoint> Servers, long At);
}
