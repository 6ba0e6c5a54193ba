using Gofs.Grains.EditLogs;
using Microsoft.Extensions.Logging;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// A standby as this silo has it: the state that follows the master's feed, and the Snapshots made beside it. Why apart from its grain: when a silo dies,
/// Orleans deactivates every grain whose directory entry was on that silo, on living silos too, and just then the state is wanted. So it stays
/// when its grain goes, and the grain's next activation goes on with it.
/// </summary>
internal sealed partial class LocalStandby
{
    private readonly string name;
    private readonly EditLogServices services;
    private readonly ILogger logger;
    private long snapshotNumber;
    private DateTimeOffset? snapshotAt;
    private Task? snapshotting;

    /// <summary>One that has nothing yet.</summary>
    public LocalStandby(string name, StreamId stream, EditLogServices services, ILogger logger)
    {
        (this.name, this.services, this.logger, Stream) = (name, services, logger, stream);
        Replica = new(stream, services, logger);
        services.Warm.Add(stream, Replica);
    }

    /// <summary>What it follows.</summary>
    public StreamId Stream { get; }

    /// <summary>The state.</summary>
    public StandbyReplica Replica { get; }

    /// <summary>Takes records in, and makes a Snapshot when it is time. In the grain's turns.</summary>
    /// <exception cref="GofsException">As <see cref="StandbyReplica.Feed"/>.</exception>
    public StandbyStanding Feed(StandbyBatch batch)
    {
        var number = Replica.Feed(batch);
        MakeSnapshotWhenDue(number, batch.Epoch);
        return new(number, snapshotNumber, snapshotAt);
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        services.Warm.Remove(Stream, Replica);
        Replica.End();
    }

    // By replay beside the replica, which goes on meanwhile.
    private void MakeSnapshotWhenDue(long number, long epoch)
    {
        if (number - snapshotNumber < SnapshotCadence.FewestRecords || snapshotting is { IsCompleted: false }) return;
        var between = SnapshotCadence.RecordsBetween(Replica.Read(state => state.Tree.Inodes).Value);
        if (number - snapshotNumber < between) return;
        snapshotting = services.Threads.RunLongAsync(() => MakeSnapshot(number, epoch, between));
    }

    private void MakeSnapshot(long number, long epoch, int between)
    {
        try
        {
            if (services.Store.Find(Stream) is { } head && head.Snapshot > number - between)
                number = head.Snapshot;
            else if (!SnapshotMaker.Make<NamespaceState, NamespaceEvent>(
                services, Stream, epoch, number, services.SerializerOf<NamespaceEvent>(), () => Replica.Number < 0))
                return;
            (snapshotNumber, snapshotAt) = (number, services.Time.GetUtcNow());
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OperationCanceledException)
        {
            LogNoSnapshot(logger, name, failed);
        }
    }

    [LoggerMessage(2511, LogLevel.Warning, "The standby of namespace {Name} could not make a Snapshot; the previous one stands")]
    private static partial void LogNoSnapshot(ILogger logger, string name, Exception failed);
}
