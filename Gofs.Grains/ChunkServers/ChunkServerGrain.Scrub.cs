using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// What becomes of a replica that scrub found damaged as a whole. It is given up only when another server has looked at its own of the same version and
/// length and found it there: then the next report says that this one is gone, and the chunk table has a new one made. As long as there is no
/// other, nothing is taken away: it is said, and tried again. The other server dies right after: what was here could not have been read anyway, and is in
/// quarantine.
/// </summary>
internal sealed partial class ChunkServerGrain
{
    private readonly DamageTurns<DamagedReplica> replicaTurns = new(time);

    /// <inheritdoc/>
    public Task<long> StartScrubAsync(CancellationToken cancellation) => Task.FromResult(scrubber.Start());

    /// <inheritdoc/>
    public async Task<int> VerifyAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        var read = await scrubbed.ScrubAsync(handle, static (_, _) => Task.CompletedTask, cancellation);
        return read.Found - read.Repaired;
    }

    private ScrubStatus ScrubStatus()
    {
        var bad = store.GetBadChecksumBlocks();
        var damaged = scrubbed.GetDamagedReplicas();
        var tried = checksumTurns.CountTried(bad) + replicaTurns.CountTried(damaged);
        return scrubber.Status() with { Unrepaired = tried, Waiting = bad.Count + damaged.Count - tried };
    }

    private async Task SettleAsync(DamagedReplica damaged)
    {
        try
        {
            foreach (var server in await OthersWithAsync(damaged.Handle, damaged.Version))
            {
                var there = await CheckThereAsync(server, damaged.Handle, damaged.Version);
                if (there is not { Error: null } || there.LengthBytes < damaged.LengthBytes) continue;
                if (!await scrubbed.GiveUpAsync(damaged, CancellationToken.None)) return;
                scrubber.CountRepaired();
                LogGivenUp(logger, damaged.Handle, damaged.Damage, server);
                return;
            }

            LogNotGivenUp(logger, damaged.Handle, damaged.Damage, null);
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            LogNotGivenUp(logger, damaged.Handle, damaged.Damage, failed);
        }
    }

    private async Task<ReplicaState?> CheckThereAsync(ServerId server, ChunkHandle handle, ChunkVersion version)
    {
        try
        {
            return (await GrainFactory.GetGrain<IChunkServerGrain>(server.Value).CheckReplicasAsync([new(handle, version)]).WaitAsync(Patience, time))[0];
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            // The next one may be good; when none is, that is said.
            return null;
        }
    }

    [LoggerMessage(2224, LogLevel.Warning, "The replica of chunk {Handle} is damaged ({Damage}) and given up: {Server} has a good one, and a new one is made")]
    private static partial void LogGivenUp(ILogger logger, ChunkHandle handle, ReplicaDamage damage, ServerId server);

    [LoggerMessage(2225, LogLevel.Error, "The replica of chunk {Handle} is damaged ({Damage}), and no other server has a good one now: it stays as it is")]
    private static partial void LogNotGivenUp(ILogger logger, ChunkHandle handle, ReplicaDamage damage, Exception? failed);
}
