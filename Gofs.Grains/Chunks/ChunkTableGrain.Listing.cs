using Gofs.Chunks;
using Gofs.Namespaces;

namespace Gofs.Grains.Chunks;

/// <summary>What a chunk table tells whoever checks it: its rows in order, and all it knows of a chunk. Nothing here changes anything.</summary>
internal sealed partial class ChunkTableGrain
{
    private const int MostListed = 65_536;
    private const int MostDescribed = 4096;

    /// <inheritdoc/>
    public async Task<ChunkTablePage> ListAsync(long after, int limit, CancellationToken cancellation)
    {
        if (limit is < 1 or > MostListed) throw new GofsException(GofsError.InvalidArgument, $"1 to {MostListed} counters are listed at once, not {limit}");
        // Counters are given out one after the other, so most of those up to the last have a row: no order has to be kept for the sake of this.
        var last = Math.Min(State.ReservedUpto, after + limit);
        List<ChunkTableRow> rows = [];
        for (var counter = Math.Max(after, 0) + 1; counter <= last; counter++)
        {
            var handle = ChunkHandle.Create(namespaceNumber, shard, counter);
            if (State.TryGet(handle, out _)) rows.Add(RowOf(handle));
        }

        var isLast = last >= State.ReservedUpto;
        await DurableAsync(cancellation);
        return new([.. rows], Math.Max(last, after), isLast);
    }

    /// <inheritdoc/>
    public async Task<ChunkTableRow[]> DescribeAsync(ChunkHandle[] handles, CancellationToken cancellation)
    {
        if (handles.Length is < 1 or > MostDescribed)
            throw new GofsException(GofsError.InvalidArgument, $"1 to {MostDescribed} chunks are described at once, not {handles.Length}");
        foreach (var handle in handles) Check(handle);
        await HearOfAllAsync(cancellation);
        await HearOfAsync(handles, cancellation);
        ChunkTableRow[] rows = [.. handles.Select(RowOf)];
        await DurableAsync(cancellation);
        return rows;
    }

    private ChunkTableRow RowOf(ChunkHandle handle)
    {
        var isReferred = State.TryGet(handle, out var row);
        return new(handle, isReferred, State.VersionOf(handle), isReferred ? row.Goal : 0, servers.Present(replicas.Of(handle)))
        {
            CollectAt = isReferred ? null : unconfirmed.EndOf(handle),
            WasGivenOut = handle.Counter <= State.ReservedUpto,
            Files = [.. State.ReferrersOf(handle).Select(inode => new InodeNumber(inode))],
        };
    }

    /// <summary>Waits, for a while, until every server has reported: who counts replicas before that counts too few.</summary>
    private async Task HearOfAllAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (!awaited.IsComplete)
        {
            var left = ServerPatience - time.GetElapsedTime(started);
            if (left < LeastWait) return;
            await Task.WhenAny(NextWordAsync(), Task.Delay(left, time, cancellation));
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
