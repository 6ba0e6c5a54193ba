using Gofs.Grains.EditLogs;
using Xunit;

namespace Gofs.Tests.EditLogs;

/// <summary>What streams bring to a transaction, short to write, and what a stream holds.</summary>
internal static class Commits
{
    public static StreamId Stream(int id) => StreamId.OfChunkTable(1, id);

    public static StreamCommit Append(StreamId stream, long epoch, long previous, params byte[][] payloads) =>
        new(stream) { Epoch = epoch, PreviousNumber = previous, Records = Batch(stream, previous, payloads) };

    public static StreamCommit Create(StreamId stream, params byte[][] payloads) =>
        new(stream) { Claim = StreamClaim.Create, Records = payloads.Length == 0 ? null : Batch(stream, 0, payloads) };

    public static StreamCommit Claim(StreamId stream) => new(stream) { Claim = StreamClaim.Take };

    public static StreamCommit Delete(StreamId stream, long epoch, long number) =>
        new(stream) { Epoch = epoch, PreviousNumber = number, Delete = true };

    public static RecordBatch Batch(StreamId stream, long previous, params byte[][] payloads)
    {
        var batch = RecordBatch.Rent();
        for (var i = 0; i < payloads.Length; i++) batch.Add(payloads[i], stream, previous + i + 1);
        return batch;
    }

    /// <summary>Bytes that differ by seed.</summary>
    public static byte[] Payload(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Commits one that must succeed.</summary>
    public static StreamCommit Do(this IEditLogCommitter committer, StreamCommit commit)
    {
        committer.Commit([commit]);
        Assert.Null(commit.Refused);
        return commit;
    }

    /// <summary>Takes a stream's next epoch.</summary>
    public static StreamHead Take(this IEditLogCommitter committer, StreamId stream) => committer.Do(Claim(stream)).Head;

    /// <summary>All records of a stream, each of whose CRC is right.</summary>
    public static List<Stored> Records(this IEditLogStore store, StreamId stream, long after = 0, int limit = int.MaxValue)
    {
        List<Stored> all = [];
        while (all.Count < limit)
        {
            var before = all.Count;
            var count = store.ReadRecords(stream, before == 0 ? after : all[^1].Number, limit - before, (number, crc, payload) =>
            {
                Assert.Equal(EditLogCrc.OfRecord(stream, number, payload), crc);
                all.Add(new(number, payload.ToArray()));
            });
            Assert.Equal(count, all.Count - before);
            if (count == 0) break;
        }

        return all;
    }
}

/// <summary>A record as the store gave it back.</summary>
internal readonly record struct Stored(long Number, byte[] Payload)
{
    public bool Equals(Stored other) => Number == other.Number && Payload.AsSpan().SequenceEqual(other.Payload);

    public override int GetHashCode() => Number.GetHashCode();
}
