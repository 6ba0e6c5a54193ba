using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;
using Orleans;

namespace Gofs.Transport;

/// <summary>
/// The same asked of several chunk servers at once, over grains. It ends when all have answered, when its time is over, or when one that has
/// not answered for a while does not say that it lives either. A failure says which server it was (<see cref="DataConnection.FailedHopKey"/>), and none
/// is an exception of Orleans.
/// </summary>
internal sealed class ServerCalls(IGrainFactory grains, TimeProvider time, TimeSpan limit)
{
    /// <summary>The grain of a server.</summary>
    public IChunkServerGrain Grain(ServerId server) => grains.GetGrain<IChunkServerGrain>(server.Value);

    /// <summary>Asks all of them; answers what each said.</summary>
    /// <param name="servers">Whom.</param>
    /// <param name="handle">What it is about.</param>
    /// <param name="firstHop">How far from whoever asked first the first of them is.</param>
    /// <param name="call">What.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<T[]> AllAsync<T>(
        ServerId[] servers, ChunkHandle handle, int firstHop, Func<IChunkServerGrain, Task<T>> call, CancellationToken cancellation)
    {
        var calls = Array.ConvertAll(servers, server => call(Grain(server)));
        var all = Task.WhenAll(calls);
        try
        {
            for (var started = time.GetTimestamp(); ;)
            {
                var left = limit - time.GetElapsedTime(started);
                var isLast = left <= NextServer.Patience;
                try
                {
                    return await all.WaitAsync(isLast ? left > TimeSpan.Zero ? left : TimeSpan.Zero : NextServer.Patience, time, cancellation);
                }
                catch (TimeoutException) when (!isLast && !all.IsCompleted)
                {
                    await LookAsync(servers, calls, firstHop, handle, cancellation);
                }
            }
        }
        catch (Exception failure) when (!Failures.IsOwnCancellation(failure, cancellation))
        {
            throw Named(failure, calls, firstHop, handle);
        }
    }

    /// <summary>Whether a server answers within a second.</summary>
    public async Task<bool> IsAliveAsync(ServerId server, CancellationToken cancellation)
    {
        try
        {
            await Grain(server).EchoAsync(new ChunkData(default, 0), 0, cancellation).WaitAsync(NextServer.Patience, time, cancellation);
            return true;
        }
        catch (Exception silent) when (!Failures.IsOwnCancellation(silent, cancellation))
        {
            return false;
        }
    }

    private async Task LookAsync<T>(ServerId[] servers, Task<T>[] calls, int firstHop, ChunkHandle handle, CancellationToken cancellation)
    {
        var lives = await Task.WhenAll(servers.Select((server, i) => calls[i].IsCompleted ? Task.FromResult(true) : IsAliveAsync(server, cancellation)));
        var silent = Array.IndexOf(lives, false);
        if (silent < 0 || calls[silent].IsCompleted) return;
        throw new GofsException(GofsError.Unavailable, $"{servers[silent]} does not answer", handle.ToString())
        {
            Data = { [DataConnection.FailedHopKey] = firstHop + silent },
        };
    }

    // What one that was asked says of servers behind it stands in its own failure.
    private static GofsException Named<T>(Exception failure, Task<T>[] calls, int firstHop, ChunkHandle handle)
    {
        if (failure.Data.Contains(DataConnection.FailedHopKey) && failure is GofsException named) return named;
        var hop = Math.Max(0, Array.FindIndex(calls, one => !one.IsCompletedSuccessfully));
        var known = Failures.Translate(calls[hop].Exception ?? failure, handle);
        return new GofsException(known.Error, known.Detail, known.Path, known) { Data = { [DataConnection.FailedHopKey] = firstHop + hop } };
    }
}
