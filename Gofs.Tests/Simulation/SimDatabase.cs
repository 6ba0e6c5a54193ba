using System.Collections.Immutable;
using Gofs.Grains.EditLogs;

namespace Gofs.Tests.Simulation;

/// <summary>A record as a database keeps it.</summary>
internal readonly record struct SimRecord(long Number, uint Crc, byte[] Payload);

/// <summary>A stream as a database keeps it.</summary>
internal sealed record SimStream(
    StreamHead Head, ImmutableList<SimRecord> Records, ImmutableDictionary<(long Number, int Part), (byte[] Payload, uint Crc)> Parts);

/// <summary>What one stream brings to a transaction, as it goes over the network.</summary>
internal sealed record SimCommit(StreamId Stream, StreamClaim Claim, long Epoch, long PreviousNumber, ImmutableList<SimRecord> Records)
{
    public static SimCommit Of(StreamCommit commit)
    {
        var records = ImmutableList.CreateBuilder<SimRecord>();
        for (var i = 0; i < (commit.Records?.Count ?? 0); i++)
        {
            var payload = commit.Records!.Read(i, out var crc).ToArray();
            records.Add(new(commit.PreviousNumber + i + 1, crc, payload));
        }

        return new(commit.Stream, commit.Claim, commit.Epoch, commit.PreviousNumber, records.ToImmutable());
    }
}

/// <summary>
/// The database that silos share, as PostgreSQL does it: a transaction happens at one moment or not at all, is seen by others when it is durable, and is
/// answered after that. What it holds are versions of everything (immutable), so that what was not flushed can be lost.
/// </summary>
internal sealed class SimDatabase(SimWorld world, PlantedBug bug)
{
    private const string Name = "db";
    private readonly List<ImmutableDictionary<StreamId, SimStream>> unflushed = [];
    private ImmutableDictionary<StreamId, SimStream> flushed = ImmutableDictionary<StreamId, SimStream>.Empty;
    private ImmutableDictionary<StreamId, SimStream> streams = ImmutableDictionary<StreamId, SimStream>.Empty;
    private long lastEpoch;

    /// <summary>Whether it answers nobody now.</summary>
    public bool IsDown { get; private set; }

    /// <summary>Which start of it this is: connections to a former one are broken.</summary>
    public int Run { get; private set; } = 1;

    /// <summary>Told of each commit of a stream at the moment it happens: what it brought, and its row afterwards.</summary>
    public Action<SimCommit, StreamHead>? Committed { get; set; }

    /// <summary>Told when a Snapshot was moved, the log trimmed, or the database came back after a crash.</summary>
    public Action? Changed { get; set; }

    /// <summary>A stream, or null.</summary>
    public SimStream? Find(StreamId stream) => streams.GetValueOrDefault(stream);

    /// <summary>Carries out a transaction; answers for each stream its row, or null where it is refused.</summary>
    public StreamHead?[] Commit(IReadOnlyList<SimCommit> commits)
    {
        var heads = new StreamHead?[commits.Count];
        for (var i = 0; i < heads.Length; i++) heads[i] = CommitOne(commits[i]);
        Flush();
        for (var i = 0; i < heads.Length; i++)
        {
            if (heads[i] is { } head) Committed?.Invoke(commits[i], head);
        }

        return heads;
    }

    public bool WritePart(StreamId id, long epoch, long number, int part, uint crc, byte[] payload)
    {
        if (Owned(id, epoch) is not { } stream) return false;
        Put(id, stream with { Parts = stream.Parts.SetItem((number, part), (payload, crc)) });
        return true;
    }

    public bool MoveSnapshot(StreamId id, long epoch, long previous, long number, int parts, long crcSum, long at)
    {
        if (Owned(id, epoch) is not { } stream || stream.Head.Snapshot != previous) return false;
        var there = stream.Parts.Where(one => one.Key.Number == number).ToArray();
        if (there.Length != parts || there.Sum(one => one.Value.Crc) != crcSum) return false;
        Put(id, stream with { Head = stream.Head with { Snapshot = number, SnapshotParts = parts, SnapshotAt = at } });
        world.Note(Name, $"Snapshot {number} by epoch {epoch}");
        Changed?.Invoke();
        return true;
    }

    public int DeleteLooseParts(StreamId id, long epoch, int limit)
    {
        if (Owned(id, epoch) is not { } stream) return 0;
        var loose = stream.Parts.Keys.Where(part => part.Number != stream.Head.Snapshot).Order().Take(limit).ToArray();
        Put(id, stream with { Parts = stream.Parts.RemoveRange(loose) });
        return loose.Length;
    }

    public int TrimRecords(StreamId id, long upTo, int limit)
    {
        if (Find(id) is not { } stream) return 0;
        var count = stream.Records.TakeWhile(record => record.Number <= upTo).Take(limit).Count();
        if (count == 0) return 0;
        var trimmedTo = stream.Records[count - 1].Number;
        Put(id, stream with { Head = stream.Head with { TrimmedTo = trimmedTo }, Records = stream.Records.RemoveRange(0, count) });
        world.Note(Name, $"trimmed to {trimmedTo}");
        Changed?.Invoke();
        return count;
    }

    /// <summary>It dies. What was not flushed is lost, or some of it is.</summary>
    public void Crash()
    {
        IsDown = true;
        Run++;
        var kept = unflushed.Count == 0 ? 0 : world.Random.Next(unflushed.Count);
        streams = kept == 0 ? flushed : unflushed[kept - 1];
        world.Note(Name, $"crashes; {unflushed.Count - kept} transactions are lost");
        flushed = streams;
        unflushed.Clear();
    }

    /// <summary>It is back.</summary>
    public void Restart()
    {
        IsDown = false;
        world.Note(Name, "is back");
        Changed?.Invoke();
    }

    private StreamHead? CommitOne(SimCommit commit)
    {
        var stream = Find(commit.Stream);
        var head = stream?.Head ?? default;
        switch (commit.Claim)
        {
            case StreamClaim.Take:
                head = head with { Epoch = ++lastEpoch, FormerEpoch = head.Epoch };
                break;
            case StreamClaim.Create when stream is not null:
                return null;
            case StreamClaim.Create:
                head = new(++lastEpoch, 0, 0, 0, 0, 0, false);
                break;
            case StreamClaim.None when bug == PlantedBug.NoEpochCheck && head.Number == commit.PreviousNumber: break;
            case StreamClaim.None when head.Epoch != commit.Epoch || head.Number != commit.PreviousNumber: return null;
        }

        if (commit.Records.Count > 0) head = head with { Number = commit.Records[^1].Number };
        stream ??= new(head, [], ImmutableDictionary<(long, int), (byte[], uint)>.Empty);
        Put(commit.Stream, stream with { Head = head, Records = stream.Records.AddRange(commit.Records) });
        return head;
    }

    private SimStream? Owned(StreamId id, long epoch) => Find(id) is { } stream && stream.Head.Epoch == epoch ? stream : null;

    private void Put(StreamId id, SimStream stream)
    {
        streams = streams.SetItem(id, stream);
        unflushed.Add(streams);
        if (bug != PlantedBug.NoFsync) Flush();
    }

    // The disk has everything until now; one that is not asked to does it when it gets to it.
    private void Flush()
    {
        if (bug == PlantedBug.NoFsync && !world.Chance(100)) return;
        flushed = streams;
        unflushed.Clear();
    }
}
