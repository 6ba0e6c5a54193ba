using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Control;
using Gofs.Transport;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// How a checksum block that has rotted is repaired: whoever read it reads elsewhere; this server asks the chunk table who else has the chunk, reads the
/// block there, CRC checked, and puts it in its place. A replica that can't be repaired now is tried again.
/// <para>
/// Only what its CRC says is put there: another replica may lack a write that is done here and under way there, which is acknowledged when it is done there,
/// or have one that is not done here. Where they still differ half a minute later, it was a write that was never acknowledged, or the CRC itself has rotted;
/// where the others end elsewhere in that checksum block (they were cut, and this one could not be, because it would have had to read what has rotted) no part
/// of theirs fits. Then the whole replica is given up, when one of them is sound, and a new one is made: whoever writes meanwhile goes on without it.
/// </para>
/// <para>
/// Where no other has the version, because writing went on with this one alone, those that were left out may have the checksum block as it is to be: by its
/// CRC that can be told, and the chunk table keeps them as long as too few others count.
/// </para>
/// </summary>
internal sealed partial class ChunkServerGrain
{
    private readonly DamageTurns<BadChecksumBlock> checksumTurns = new(time);

    private async Task RepairAsync(BadChecksumBlock bad)
    {
        try
        {
            List<ServerId> unlike = [];
            foreach (var server in await OthersWithAsync(bad.Handle, bad.Version))
            {
                if (await ReadThereAsync(server, bad) is not { } good) continue;
                if (await IsRepairedAsync(bad, good, server)) return;
                if (good.Length != bad.LengthBytes || checksumTurns.WasTried(bad)) unlike.Add(server);
            }

            foreach (var server in unlike)
            {
                if (await CheckThereAsync(server, bad.Handle, bad.Version) is not { IsSound: true } || !await scrubbed.GiveUpAsync(bad, CancellationToken.None))
                    continue;
                scrubber.CountRepaired();
                LogUnfit(logger, bad.OffsetBytes, bad.Handle, server);
                return;
            }

            if (unlike.Count == 0 && await RepairWithOlderAsync(bad)) return;
            LogNotRepaired(logger, bad.OffsetBytes, bad.Handle, null);
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            LogNotRepaired(logger, bad.OffsetBytes, bad.Handle, failed);
        }
    }

    private async Task<bool> RepairWithOlderAsync(BadChecksumBlock bad)
    {
        var table = GrainFactory.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(bad.Handle));
        foreach (var server in await table.GetLeftAsync(bad.Handle).WaitAsync(ReportPatience, time))
        {
            var older = GrainFactory.GetGrain<IChunkCopyGrain>(server.Value);
            if (server == id) continue;
            if (await ReadAsync(() => older.ReadOlderAsync(bad.Handle, bad.Version, bad.OffsetBytes, bad.LengthBytes)) is not { } same) continue;
            if (await IsRepairedAsync(bad, same, server)) return true;
        }

        return false;
    }

    private async Task<bool> IsRepairedAsync(BadChecksumBlock bad, ReadOnlyMemory<byte> with, ServerId from)
    {
        if (!await store.RepairAsync(bad, with, CancellationToken.None)) return false;
        scrubber.CountRepaired();
        LogRepaired(logger, bad.OffsetBytes, bad.Handle, from);
        return true;
    }

    // None when the version here counts no more.
    private async Task<IEnumerable<ServerId>> OthersWithAsync(ChunkHandle handle, ChunkVersion version)
    {
        var table = GrainFactory.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(handle));
        var location = (await table.LocateAsync([handle], CancellationToken.None).WaitAsync(ReportPatience, time))[0];
        return location.Version == version ? location.Servers.Where(server => server != id) : [];
    }

    private Task<ReadOnlyMemory<byte>?> ReadThereAsync(ServerId server, BadChecksumBlock bad)
    {
        var there = GrainFactory.GetGrain<IChunkServerGrain>(server.Value);
        return ReadAsync(() => there.ReadAsync(bad.Handle, bad.Version, bad.OffsetBytes, ChunkHead.ChecksumBlockBytes));
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(Func<Task<ChunkData>> call)
    {
        try
        {
            var read = await call().WaitAsync(Patience, time);
            return Crc32C.Compute(read.Data.Span) == read.Crc ? read.Data : null;
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            // The next replica may be good; when none is, that is said.
            return null;
        }
    }

    [LoggerMessage(2203, LogLevel.Information, "The checksum block at {Offset} of chunk {Handle} was repaired with what {Server} has")]
    private static partial void LogRepaired(ILogger logger, long offset, ChunkHandle handle, ServerId server);

    [LoggerMessage(2205, LogLevel.Warning,
        "The checksum block at {Offset} of chunk {Handle} is bad and not what {Server} has there: the replica is given up, and a new one is made")]
    private static partial void LogUnfit(ILogger logger, long offset, ChunkHandle handle, ServerId server);

    [LoggerMessage(2204, LogLevel.Warning, "The checksum block at {Offset} of chunk {Handle} is bad, and no other replica gives it now")]
    private static partial void LogNotRepaired(ILogger logger, long offset, ChunkHandle handle, Exception? failed);
}
