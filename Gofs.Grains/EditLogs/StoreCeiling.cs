namespace Gofs.Grains.EditLogs;

/// <summary>What the store allows: records a second when so many are committed at once, one commit after the other. For benchmarks.</summary>
internal static class StoreCeiling
{
    private const int RecordBytes = 200;
    private const int RemovedAtOnce = 1000;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(1);

    /// <summary>Commits records of 200 bytes to a stream of nobody's for a second, then removes it; between the silo's own commits.</summary>
    public static async Task<double> MeasureAsync(EditLogServices services, int records, CancellationToken cancellation)
    {
        var commit = new StreamCommit(StreamId.OfFile(0xFFFF, new(Gofs.Namespaces.InodeNumber.MaxValue))) { Claim = StreamClaim.Take };
        await CommitAsync(services, commit);
        (commit.Claim, commit.Epoch, commit.PreviousNumber) = (StreamClaim.None, commit.Head.Epoch, commit.Head.Number);
        var payload = new byte[RecordBytes];
        var started = services.Time.GetTimestamp();
        long count = 0;
        for (; services.Time.GetElapsedTime(started) < Measured; count += records)
        {
            cancellation.ThrowIfCancellationRequested();
            commit.Records = RecordBatch.Rent();
            for (var i = 1; i <= records; i++) commit.Records.Add(payload, commit.Stream, commit.PreviousNumber + i);
            await CommitAsync(services, commit);
            commit.PreviousNumber = commit.LastNumber;
            commit.Records.Return();
            commit.Records = null;
        }

        var perSecond = count / services.Time.GetElapsedTime(started).TotalSeconds;
        commit.Delete = true;
        await CommitAsync(services, commit);
        while (await services.Writer.DoAsync(store => store.PurgeDeleted(RemovedAtOnce)) > 0) cancellation.ThrowIfCancellationRequested();
        return perSecond;
    }

    private static async Task CommitAsync(EditLogServices services, StreamCommit commit)
    {
        await services.Writer.DoAsync(store =>
        {
            store.Commit([commit]);
            return true;
        });
        if (commit.Refused is { } why) throw new GofsException(GofsError.Busy, $"somebody else is measuring: {why}");
    }
}
