using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Grains.EditLogs.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static Gofs.Tests.EditLogs.Commits;

namespace Gofs.Tests.EditLogs;

/// <summary>The database dies, hangs and comes back under load: what was acknowledged is there once, and service goes on by itself.</summary>
[Collection("PostgreSQL")]
public sealed class PostgresFaultTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const int Owners = 12;
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly EditLogOptions options = new()
    {
        PostgresConnection = database.Connection, CommitTimeout = CommitTimeout, ConnectTimeout = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task SessionsKilledAndServerCrashed_UnderLoad_LoseAndDoubleNothing()
    {
        using var store = new PostgresEditLogStore(options);
        using var writer = new EditLogWriter(store, options, TimeProvider.System, NullLogger<EditLogWriter>.Instance);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var owners = Enumerable.Range(1, Owners).Select(id => new Owner(store, writer, Stream(id))).ToArray();
        var running = owners.Select(owner => Task.Run(() => owner.RunAsync(ending.Token))).ToArray();
        await Progress(owners, running, 50);
        for (var round = 0; round < 3; round++)
        {
            database.Run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gofs editlog' AND datname = current_database()");
            await Progress(owners, running, 50);
            database.Server.Crash();
            await Progress(owners, running, 50);
        }

        ending.Cancel();
        await Task.WhenAll(running).WaitAsync(Bound, TestContext.Current.CancellationToken);
        foreach (var owner in owners) owner.Verify();
        Assert.True(owners.Sum(owner => owner.Faults) >= 3);
        Assert.True(owners.Max(owner => owner.LongestWait) < CommitTimeout + TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StoppedServer_FailsACommitInBoundedTime_AndTheNextIsFineWhenItGoesOn(bool all)
    {
        options.CommitTimeout = TimeSpan.FromSeconds(1);
        using var store = new PostgresEditLogStore(options);
        using var committer = store.OpenCommitter();
        committer.Take(Stream(50));
        database.Server.Signal("STOP", all);
        try
        {
            for (var i = 0; i < (all ? 2 : 1); i++)
            {
                var started = TimeProvider.System.GetTimestamp();
                Assert.Equal(GofsError.Unavailable, Assert.Throws<GofsException>(() => committer.Take(Stream(50))).Error);
                Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(6));
            }
        }
        finally
        {
            database.Server.Signal("CONT", all);
        }

        committer.Take(Stream(50));
    }

    private static async Task Progress(Owner[] owners, Task[] running, int each)
    {
        var before = owners.Select(owner => owner.Acknowledged).ToArray();
        var started = TimeProvider.System.GetTimestamp();
        while (owners.Where((owner, at) => owner.Acknowledged < before[at] + each).Any())
        {
            foreach (var ended in running.Where(one => one.IsFaulted)) await ended;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Bound, "the service did not go on");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What a grain does with its stream: append, wait, reply; after a fault read the truth and go on.</summary>
    private sealed class Owner(PostgresEditLogStore store, EditLogWriter writer, StreamId id)
    {
        private readonly List<long> acknowledged = [];
        private EditLogStream? stream;
        private long value;

        public int Acknowledged => Volatile.Read(ref count);

        public int Faults { get; private set; }

        public TimeSpan LongestWait { get; private set; }

        private int count;

        public async Task RunAsync(CancellationToken ending)
        {
            while (!ending.IsCancellationRequested)
            {
                var started = TimeProvider.System.GetTimestamp();
                try
                {
                    stream ??= await TakeUpAsync();
                    stream.Add(EventSerializers.Some, new HandlesReserved(++value));
                    await stream.DurableAsync();
                    acknowledged.Add(value);
                    Volatile.Write(ref count, acknowledged.Count);
                }
                catch (GofsException fault) when (fault.Error == GofsError.Unavailable)
                {
                    Faults++;
                    stream = null;
                    await Task.Delay(50, CancellationToken.None); // as a client that tries again
                }

                var waited = TimeProvider.System.GetElapsedTime(started);
                if (waited > LongestWait) LongestWait = waited;
            }
        }

        public void Verify() => Check(Values(store.Find(id)!.Value.Number));

        private async Task<EditLogStream> TakeUpAsync()
        {
            var claim = new EpochClaim(id, TimeProvider.System);
            writer.Enqueue(claim);
            var head = await claim.Taken.WaitAsync(Bound);
            Check(Values(head.Number));
            return new(writer, id, head.Epoch, head.Number, _ => { });
        }

        private List<long> Values(long upTo)
        {
            List<long> values = [];
            EditLogLoader.Read<ChunkTableEvent>(
                store, id, 0, upTo, EventSerializers.Some, (_, happened) => values.Add(((HandlesReserved)happened).Upto), static () => { });
            return values;
        }

        // Values rise: each is there at most once, in order; those acknowledged are all there.
        private void Check(List<long> values)
        {
            Assert.Equal(values.Distinct().Order(), values);
            Assert.Empty(acknowledged.Except(values));
        }
    }
}
