using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Control;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>
/// A replica is read before it is the only one that counts. What: when a single server has taken a version, and others may have replicas that did not answer,
/// it reads all of its own from the disk; where something does not match its CRC, the version does not count, and whoever wants to write is told to wait.
/// Why: whoever is left out misses what is written from then on. What had rotted in the one was in the others then, and could not be told from what they
/// missed.
/// <para>
/// Who dies. The server while it reads, or it is slow: its replica counts all the same, for no damage is known. The others, for good: an operator says so
/// (<c>gofsctl cs rm</c>), and the one that is left counts, with what it has.
/// </para>
/// </summary>
internal sealed partial class ChunkTableGrain
{
    private static readonly TimeSpan VerifyPatience = TimeSpan.FromSeconds(5);

    private async Task RequireSoundAsync(ChunkHandle handle, ServerId[] holders, CancellationToken cancellation)
    {
        if (holders.Length != 1 || !MayLeaveOut(handle, holders[0])) return;
        if (await CountDamagesAsync(handle, holders[0], cancellation) is > 0 and var damages)
            throw new GofsException(
                GofsError.ChunkUnavailable, $"{damages} of its checksum blocks on {holders[0]} are bad, and no other server that may have them answers: start it, "
                + "or remove it if it is gone for good", handle.ToString());
    }

    // Nobody when this owner knows that no other took the version that counts, or when every server there is has told.
    private bool MayLeaveOut(ChunkHandle handle, ServerId only) =>
        State.TryGet(handle, out var row) && row.Goal > 1 && !replicas.WasAlone(handle, only)
        && (replicas.Of(handle).Length > 1 || !HaveAllTold());

    private async Task<int> CountDamagesAsync(ChunkHandle handle, ServerId server, CancellationToken cancellation)
    {
        try
        {
            return await GrainFactory.GetGrain<IChunkCopyGrain>(server.Value).VerifyAsync(handle, cancellation)
                .WaitAsync(VerifyPatience, time, cancellation);
        }
        catch (Exception silent) when (silent is GofsException or TimeoutException or OrleansException)
        {
            LogNotVerified(logger, server, handle, silent);
            return 0;
        }
    }

    [LoggerMessage(2108, LogLevel.Warning, "Chunk server {Server} did not say whether its replica of chunk {Handle} is sound: it counts alone")]
    private static partial void LogNotVerified(ILogger logger, ServerId server, ChunkHandle handle, Exception silent);
}
