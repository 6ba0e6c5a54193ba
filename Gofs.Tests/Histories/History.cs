using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Gofs.Tests.Histories;

/// <summary>What all clients saw of one object.</summary>
internal sealed class History<TOp>
{
    private readonly ConcurrentQueue<Call<TOp>> calls = new();

    public IReadOnlyCollection<Call<TOp>> Calls => calls;

    /// <summary>Now, by the clock all clients share, in nanoseconds.</summary>
    public static long Now => TimeProvider.System.GetElapsedTime(0, TimeProvider.System.GetTimestamp()).Ticks * 100;

    /// <summary>
    /// Asks, and notes what came. A refusal is an answer where <paramref name="refused"/> says which; when nobody knows what became of it, that is noted too.
    /// Answers whether there was an answer.
    /// </summary>
    public async Task<bool> AskAsync(int client, TOp op, Func<Task<TOp>> ask, Func<GofsException, TOp?> refused)
    {
        var invoked = Now;
        try
        {
            var answered = await ask();
            calls.Enqueue(new(client, answered, invoked, Now));
            return true;
        }
        catch (GofsException failed) when (refused(failed) is { } answer)
        {
            calls.Enqueue(new(client, answer, invoked, Now));
            return true;
        }
        catch (Exception unknown) when (Outcome.IsUnknown(unknown))
        {
            calls.Enqueue(new(client, op, invoked, Call<TOp>.Never));
            return false;
        }
    }
}

/// <summary>Which failures leave open what became of a command.</summary>
internal static class Outcome
{
    public static bool IsUnknown(Exception failure) => failure switch
    {
        GofsException { Error: var error } => error is GofsError.Timeout or GofsError.Unavailable or GofsError.SiloUnreachable
            or GofsError.Busy or GofsError.ChunkUnavailable or GofsError.LeaseExpired or GofsError.LeaseHeld,
        OrleansException or TimeoutException or IOException => true,
        _ => false,
    };
}
