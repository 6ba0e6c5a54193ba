using System.Buffers.Binary;
using CsCheck;
using Gofs.Grains.EditLogs;
using Gofs.Grains.EditLogs.Postgres;
using Xunit;
using static Gofs.Tests.EditLogs.Commits;

namespace Gofs.Tests.EditLogs;

/// <summary>Several silos on one database, taking streams from each other at random: one owner at a time, nothing lost, nothing doubled.</summary>
[Collection("PostgreSQL")]
public sealed class PostgresSilosTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const int Silos = 3;
    private const int Streams = 8;
    private readonly EditLogOptions options = new() { PostgresConnection = database.Connection };

    [Fact]
    public void StreamsTakenAtRandom_HaveOneOwnerAtATime_AndEveryAcknowledgedRecordOnce()
    {
        using var store = new PostgresEditLogStore(options);
        Gen.UInt.Sample(seed =>
        {
            database.Run("TRUNCATE gofs.stream, gofs.record, gofs.snapshot_part");
            var silos = Run(store, silo => new Silo(silo, new((int)seed + silo)), (silo, committer) => silo.Round(committer, Streams));
            for (var id = 1; id <= Streams; id++)
            {
                var stream = Stream(id);
                var log = store.Records(stream);
                Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(record => record.Number));
                Assert.Equal(log.Count, store.Find(stream)?.Number ?? 0);
                var acknowledged = silos.SelectMany(silo => silo.Acknowledged).Where(record => record.Stream == stream).Select(record => record.Record);
                Assert.Equal(log, acknowledged.OrderBy(record => record.Number));

                // Who claimed the stream at a number shut out all owners before.
                foreach (var claim in silos.SelectMany(silo => silo.Claims).Where(claim => claim.Stream == stream))
                {
                    Assert.All(log.Skip((int)claim.Head.Number), record =>
                        Assert.True(BinaryPrimitives.ReadInt64LittleEndian(record.Payload) >= claim.Head.Epoch));
                }
            }
        }, iter: 4, threads: 1);
    }

    [Fact]
    public void StreamsMadeAndRemovedAtRandom_NeverGiveAnEpochTwice()
    {
        using var store = new PostgresEditLogStore(options);
        Gen.UInt.Sample(seed =>
        {
            var silos = Run(store, silo => new Silo(silo, new((int)seed + silo)), (silo, committer) => silo.MakeAndRemove(committer, Streams));
            var epochs = silos.SelectMany(silo => silo.Epochs).ToArray();
            Assert.Equal(epochs.Length, epochs.Distinct().Count());
            using var committer = store.OpenCommitter();
            committer.MarkDeleted(Stream(1), Stream(Streams), 100);
            PurgeAll(committer);
            for (var id = 1; id <= Streams; id++) Assert.Empty(store.Records(Stream(id)));
        }, iter: 3, threads: 1);
    }

    [Fact]
    public void LargeStreamsPurgedByAllSilosAtOnce_AreGone_AndNoSiloFails()
    {
        using var store = new PostgresEditLogStore(options);
        using var maker = store.OpenCommitter();
        for (var round = 0; round < 5; round++)
        {
            var payloads = Enumerable.Range(0, 2000).Select(i => BitConverter.GetBytes(i)).ToArray();
            maker.Commit([.. Enumerable.Range(1, Streams).Select(id => Create(Stream(id), payloads))]);
            maker.MarkDeleted(Stream(1), Stream(Streams), 100);
            Run(store, silo => new Silo(silo, new(silo)), (_, committer) => committer.PurgeDeleted(173));
            PurgeAll(maker);
            for (var id = 1; id <= Streams; id++)
            {
                Assert.Empty(store.Records(Stream(id)));
                Assert.Null(store.Find(Stream(id)));
            }
        }
    }

    private static void PurgeAll(IEditLogCommitter committer)
    {
        for (var rounds = 0; committer.PurgeDeleted(100) > 0; rounds++) Assert.True(rounds < 1000);
    }

    private static Silo[] Run(PostgresEditLogStore store, Func<int, Silo> make, Action<Silo, IEditLogCommitter> round)
    {
        var silos = Enumerable.Range(0, Silos).Select(make).ToArray();
        var threads = silos.Select(silo => Task.Factory.StartNew(() =>
        {
            using var committer = store.OpenCommitter();
            for (var i = 0; i < 100; i++) round(silo, committer);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Assert.True(Task.WaitAll(threads, TimeSpan.FromMinutes(2)));
        return silos;
    }

    /// <summary>One silo's writer: what it owns, or believes to.</summary>
    private sealed class Silo(int id, Random random)
    {
        private readonly Dictionary<StreamId, (long Epoch, long Number)> owned = [];
        private int made;

        public List<(StreamId Stream, Stored Record)> Acknowledged { get; } = [];

        public List<(StreamId Stream, StreamHead Head)> Claims { get; } = [];

        public List<long> Epochs { get; } = [];

        public void Round(IEditLogCommitter committer, int streams)
        {
            var commits = Pick(streams).Select(stream =>
                owned.TryGetValue(stream, out var mine) ? Append(stream, mine.Epoch, mine.Number, Payloads(mine.Epoch)) : Claim(stream)).ToArray();
            committer.Commit(commits);
            foreach (var commit in commits)
            {
                if (commit.Refused is not null) owned.Remove(commit.Stream);
                else if (commit.Claim == StreamClaim.Take) Own(commit);
                else Acknowledge(commit);
            }
        }

        public void MakeAndRemove(IEditLogCommitter committer, int streams)
        {
            var commits = Pick(streams).Select(stream => (owned.TryGetValue(stream, out var mine), random.Next(3)) switch
            {
                (true, 0) => Delete(stream, mine.Epoch, mine.Number),
                (true, _) => Append(stream, mine.Epoch, mine.Number, Payloads(mine.Epoch)),
                (false, 0) => Claim(stream),
                _ => Create(stream, Payloads(0)),
            }).ToArray();
            committer.Commit(commits);
            foreach (var commit in commits)
            {
                if (commit.Refused is null && commit.Claim != StreamClaim.None) Epochs.Add(commit.Head.Epoch);
                if (commit.Refused is not null || commit.Delete) owned.Remove(commit.Stream);
                else if (commit.Claim != StreamClaim.None) owned[commit.Stream] = (commit.Head.Epoch, commit.Head.Number);
                else owned[commit.Stream] = (commit.Epoch, commit.LastNumber);
            }

            if (random.Next(10) == 0) committer.PurgeDeleted(10);
            if (random.Next(20) == 0) committer.MarkDeleted(Stream(random.Next(1, streams)), Stream(streams), 2);
        }

        private StreamId[] Pick(int streams) =>
            [.. Enumerable.Range(1, streams).Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).Select(Stream)];

        private void Own(StreamCommit claim)
        {
            owned[claim.Stream] = (claim.Head.Epoch, claim.Head.Number);
            Claims.Add((claim.Stream, claim.Head));
        }

        private void Acknowledge(StreamCommit commit)
        {
            for (var i = 0; i < commit.Records!.Count; i++)
                Acknowledged.Add((commit.Stream, new(commit.PreviousNumber + i + 1, commit.Records.Read(i, out _).ToArray())));
            owned[commit.Stream] = (commit.Epoch, commit.LastNumber);
        }

        private byte[][] Payloads(long epoch) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ =>
        {
            var payload = new byte[16];
            BinaryPrimitives.WriteInt64LittleEndian(payload, epoch);
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(8), id);
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(12), ++made);
            return payload;
        })];
    }
}
