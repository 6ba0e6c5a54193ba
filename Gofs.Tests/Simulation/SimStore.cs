using Gofs.Grains.EditLogs;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A silo's connection to the database: what an <see cref="IEditLogStore"/> is to it. Every call blocks while it travels, and may take long, get
/// lost, or be carried out without an answer; or be carried out when whoever called has long given up.
/// </summary>
internal sealed class SimStore(SimProcess silo, SimDatabase database, SimNetwork network, PlantedBug bug) : IEditLogStore, IEditLogCommitter
{
    private const string Database = "db";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly SimWorld world = silo.World;

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public IEditLogCommitter OpenCommitter() => this;

    /// <inheritdoc/>
    public StreamHead? Find(StreamId stream) => Ask(() => database.Find(stream)?.Head);

    /// <inheritdoc/>
    public int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit)
    {
        limit = Math.Min(limit, 1 + world.Random.Next(64));
        var records = Ask(() => database.Find(stream)?.Records.SkipWhile(record => record.Number <= after).Take(limit).ToArray()) ?? [];
        foreach (var record in records) visit(record.Number, record.Crc, record.Payload);
        return records.Length;
    }

    /// <inheritdoc/>
    public (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part) => Ask(
        () => database.Find(stream) is { } found && found.Parts.TryGetValue((number, part), out var its) ? its : ((byte[], uint)?)null);

    /// <inheritdoc/>
    public void Commit(IReadOnlyList<StreamCommit> commits)
    {
        // The batches are not its own any more when this returns, and what was sent may arrive later.
        SimCommit[] sent = [.. commits.Select(SimCommit.Of)];
        var heads = bug == PlantedBug.ReplyBeforeDurable && Array.TrueForAll(sent, one => one.Claim == StreamClaim.None)
            ? SendOnly(sent)
            : Ask(() => database.Commit(sent));
        for (var i = 0; i < commits.Count; i++)
        {
            commits[i].Refused = null;
            if (heads[i] is not { } head) commits[i].Refuse();
            else commits[i].Head = head;
        }
    }

    /// <inheritdoc/>
    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload)
    {
        var bytes = payload.ToArray();
        if (bug == PlantedBug.TrimBeforeSnapshot) Ask(() => database.TrimRecords(stream, number, int.MaxValue));
        if (bug == PlantedBug.SnapshotWithWrongNumber) crc = EditLogCrc.OfPart(stream, --number, part, bytes);
        return Ask(() => database.WritePart(stream, epoch, number, part, crc, bytes));
    }

    /// <inheritdoc/>
    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds)
    {
        if (bug != PlantedBug.SnapshotWithWrongNumber)
            return Ask(() => database.MoveSnapshot(stream, epoch, previous, number, parts, crcSum, atMilliseconds));
        number--;
        crcSum = Ask(() => database.Find(stream)!.Parts.Where(one => one.Key.Number == number).Sum(one => one.Value.Crc));
        return Ask(() => database.MoveSnapshot(stream, epoch, previous, number, parts, crcSum, atMilliseconds));
    }

    /// <inheritdoc/>
    public int DeleteLooseParts(StreamId stream, long epoch, int limit) => Ask(() => database.DeleteLooseParts(stream, epoch, limit));

    /// <inheritdoc/>
    public int TrimRecords(StreamId stream, long upTo, int limit) => Ask(() => database.TrimRecords(stream, upTo, limit));

    /// <inheritdoc/>
    public int MarkDeleted(StreamId first, StreamId last, int limit) => throw new NotSupportedException();

    /// <inheritdoc/>
    public int PurgeDeleted(int limit) => throw new NotSupportedException();

    /// <inheritdoc/>
    public bool Idle() => false;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private T Ask<T>(Func<T> what)
    {
        var run = database.Run;
        var (done, result) = (false, default(T)!);
        var over = false;
        // What was sent arrives, or it does not; and then the answer does, or it does not.
        if (!IsLost(silo.Name, Database))
        {
            world.After(network.Time(), () =>
            {
                if (database.IsDown || database.Run != run) return;
                result = what();
                if (IsLost(Database, silo.Name)) return;
                world.After(network.Time(), () => over = done = database.Run == run);
            });
        }

        var broken = new SimTimer(world, silo, () => over = true, Patience, Timeout.InfiniteTimeSpan);
        world.Add(broken);
        SimThread.Block(world, () => over || database.Run != run || database.IsDown);
        broken.Dispose();
        return done ? result : throw new GofsException(GofsError.Unavailable, "the connection to the database is broken");
    }

    private StreamHead?[] SendOnly(SimCommit[] sent)
    {
        if (!IsLost(silo.Name, Database)) world.After(network.Time(), () => _ = database.IsDown ? [] : database.Commit(sent));
        return [.. sent.Select(one => (StreamHead?)new StreamHead(one.Epoch, one.PreviousNumber + one.Records.Count, 0, 0, 0, 0, false))];
    }

    private bool IsLost(string from, string to) => network.IsCut(from, to) || world.Chance(network.Loss / 10);
}
