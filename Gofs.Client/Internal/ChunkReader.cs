using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Reads bytes of one chunk from whichever replica gives them. Why one may not, and what is done then:
/// <list type="bullet">
/// <item>It has not answered after a tenth of a second: the next is asked too, and the first answer counts (<see cref="HedgedReads"/>).</item>
/// <item>It fails in any way (dead server, bad CRC, failed disk): the next replica is asked.</item>
/// <item>All failed and one of them has no such chunk: the layout is out of date; it is fetched again, at most <see cref="MaxRefreshes"/> times.</item>
/// <item>All failed and one of them had another version: the layout is fetched again after a delay, until the operation timeout. Servers take a version
/// before the chunk table has logged it, and the table may still be waiting for one that does not answer.</item>
/// <item>All failed and for one of them the outcome is unknown: the same.</item>
/// <item>No server has reported the chunk (a silo has just started): again after a delay, until the operation timeout, then
/// <see cref="GofsError.ChunkUnavailable"/>.</item>
/// </list>
/// Never are bytes given out that did not match their CRC. Where a chunk is shorter than asked for, the rest is zeros (a gap).
/// </summary>
internal sealed class ChunkReader(ClientContext context, LayoutCache layout, GofsPath path)
{
    /// <summary>How often a layout that is out of date is fetched again for one read.</summary>
    public const int MaxRefreshes = 3;

    private readonly uint firstReplica = (uint)context.Jitter.Next();

    /// <summary>Fills <paramref name="destination"/> from a place in a chunk.</summary>
    public async Task ReadAsync(int index, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        var start = context.Time.GetTimestamp();
        var placement = await layout.FindAsync(index, cancellation);
        var refreshes = 0;
        for (var tries = 0; ; tries++)
        {
            if (placement.Handle == ChunkHandle.None)
            {
                destination.Span.Clear();
                return;
            }

            var (failure, passes) = await TryReplicasAsync(placement, offsetBytes, destination, cancellation);
            if (failure is null) return;
            var mayRefresh = IsOutOfDate(failure.Error) && refreshes++ < MaxRefreshes;
            var mayWait = passes || placement.Servers.Length == 0;
            if (!mayRefresh && !mayWait) throw WithPath(failure);
            var delay = context.Retry.DelayAfter(tries);
            if (context.Time.GetElapsedTime(start) + delay >= context.Retry.OperationTimeout) throw OutOfTime(failure);
            if (tries > 0 || !mayRefresh) await Task.Delay(delay, context.Time, cancellation);
            placement = await layout.RefreshAsync(index, cancellation);
        }
    }

    /// <summary>
    /// No failure when one gave the bytes; otherwise the one that says most about what to do next, and whether one of the replicas may serve later.
    /// </summary>
    private async Task<(GofsException? Failure, bool Passes)> TryReplicasAsync(
        ChunkPlacement placement, long offsetBytes, Memory<byte> destination, CancellationToken cancellation)
    {
        // Another replica first for each reader and chunk; those that did not answer a moment ago come last.
        var (servers, first) = (placement.Servers, firstReplica + (uint)placement.Index);
        if ((context.Suspects.Any || context.Slow.Any) && servers.Length > 1) (servers, first) = (SuspectsLast(servers, first), 0);
        var chunk = new ChunkAccess(placement.Handle, placement.Version, placement.Token);
        GofsException? worst = null;
        var passes = false;
        for (var i = 0; i < servers.Length; i++)
        {
            var server = servers[(first + (uint)i) % (uint)servers.Length];
            try
            {
                var other = i + 1 < servers.Length ? servers[(first + (uint)i + 1) % (uint)servers.Length] : default(ServerId?);
                var count = await context.Reads.ReadAsync(server, other, chunk, offsetBytes, destination, cancellation);
                destination.Span[count..].Clear();
                return (null, false);
            }
            catch (GofsException failure)
            {
                if (failure.Error is GofsError.Timeout or GofsError.Unavailable && servers.Length > 1) context.Suspects.Add(server);
                passes |= failure.Error == GofsError.StaleVersion || Failures.IsTransient(failure.Error);
                if (worst is null || Weight(failure.Error) > Weight(worst.Error)) worst = failure;
            }
        }

        return (worst ?? new GofsException(GofsError.ChunkUnavailable, "no chunk server has reported a replica", placement.Handle.ToString()), passes);
    }

    private ServerId[] SuspectsLast(ServerId[] servers, uint first)
    {
        var at = (int)(first % (uint)servers.Length);
        return [.. servers.Skip(at).Concat(servers.Take(at)).OrderBy(server => context.Suspects.Contains(server) ? 2 : context.Slow.Contains(server) ? 1 : 0)];
    }

    private static bool IsOutOfDate(GofsError error) =>
        error is GofsError.StaleVersion or GofsError.ChunkNotFound or GofsError.ChunkUnavailable or GofsError.ChunkServerNotFound
            or GofsError.TokenRefused;

    private static int Weight(GofsError error) =>
        IsOutOfDate(error) ? 3 : Failures.IsTransient(error) ? 2 : error == GofsError.Corrupt ? 1 : 0;

    private GofsException WithPath(GofsException failure) =>
        new(IsOutOfDate(failure.Error) ? GofsError.ChunkUnavailable : failure.Error, $"chunk {failure.Message}", path.ToString(), failure);

    private GofsException OutOfTime(GofsException failure) =>
        IsOutOfDate(failure.Error)
            ? new(GofsError.ChunkUnavailable, $"no replica could be read in time; chunk {failure.Message}", path.ToString(), failure)
            : Failures.GaveUp(failure, context.Retry.OperationTimeout, path);
}
