using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Bad checksum blocks: found by reads, repaired with what another replica has.</summary>
internal sealed partial class ChunkStore
{
    /// <inheritdoc/>
    public IReadOnlyList<BadChecksumBlock> GetBadChecksumBlocks()
    {
        foreach (var one in bad.All())
        {
            var isHere = index.TryGet(one.Handle, out var place) && one.OffsetBytes < place.LengthBytes;
            if (isHere && place.Version == one.Version) continue;
            bad.Remove(one);
            // A new version has not mended it.
            if (isHere) bad.Add(one with { Version = place.Version });
        }

        return bad.All();
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RepairAsync(BadChecksumBlock block, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        var isRepaired = false;
        try
        {
            await ChangeAsync(block.Handle, block.Version, async file =>
            {
                var index = (int)(block.OffsetBytes / BlockBytes);
                isRepaired = await file.RepairAsync(index, data);
                if (isRepaired) file.Disk.CountRepaired();
                if (isRepaired || !file.IsBad(index)) bad.Remove(block);
            }, cancellation);
        }
        catch (GofsException gone) when (gone.Error is GofsError.ChunkNotFound or GofsError.StaleVersion)
        {
            // The replica is no more, or does not count as that version any more.
        }

        return isRepaired;
    }

    private void NoteBad(ChunkFile file, int index)
    {
        var block = new BadChecksumBlock(file.Head.Handle, file.Head.Version, (long)index * BlockBytes, file.LengthOf(index));
        if (!bad.Add(block)) return;
        file.Disk.CountBad();
        LogBad(logger, index, file.Head.Handle, file.Disk.Folder);
    }

    [LoggerMessage(3002, LogLevel.Warning, "Checksum block {Index} of chunk {Handle} on {Folder} does not match its CRC")]
    private static partial void LogBad(ILogger logger, int index, Gofs.Chunks.ChunkHandle handle, string folder);
}
