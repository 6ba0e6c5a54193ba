using System.Globalization;
using Gofs.Grains.EditLogs;
using Gofs.Grains.EditLogs.Postgres;
using Gofs.Grains.EditLogs.Sqlite;

namespace Gofs.Bench;

/// <summary>
/// Durable records a second through <see cref="IEditLogCommitter.Commit"/>, one commit after the other: what a silo's writer can get from its store. Records
/// of 200 bytes, each commit spread over 64 streams; and, for many files written at once, one record for each stream.
/// </summary>
internal static class EditLogStoreSpeed
{
    private const int PayloadBytes = 200;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(4);

    /// <summary>Runs against SQLite in the temporary folder (or <paramref name="place"/>, a folder), or PostgreSQL at a connection string.</summary>
    public static void Run(string dialect, string? place)
    {
        var folder = Directory.CreateDirectory(Path.Combine(place is null || dialect == "postgres" ? Path.GetTempPath() : place, "gofs-bench-editlog"));
        try
        {
            using IEditLogStore store = dialect == "postgres"
                ? new PostgresEditLogStore(new() { PostgresConnection = place ?? "Host=127.0.0.1;Username=gofs" })
                : new SqliteEditLogStore(Path.Combine(folder.FullName, "editlog.db"));
            using var committer = store.OpenCommitter();
            Console.WriteLine("records a commit | streams | records/s | ms a commit");
            foreach (var (records, streams) in new[] { (64, 64), (256, 64), (1024, 64), (256, 256), (1024, 1024) })
                Measure(committer, records, streams);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Measure(IEditLogCommitter committer, int records, int streams)
    {
        var payload = new byte[PayloadBytes];
        new Random(1).NextBytes(payload);
        var commits = Enumerable.Range(1, streams).Select(shard => new StreamCommit(StreamId.OfChunkTable(9, shard)) { Claim = StreamClaim.Take }).ToArray();
        committer.Commit(commits);
        foreach (var commit in commits)
            (commit.Claim, commit.Epoch, commit.PreviousNumber) = (StreamClaim.None, commit.Head.Epoch, commit.Head.Number);
        Batches(committer, commits, records / streams, payload, TimeSpan.FromSeconds(1));
        var (count, elapsed) = Batches(committer, commits, records / streams, payload, Measured);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{records,16} | {streams,7} | {count * records / elapsed.TotalSeconds,9:0} | {elapsed.TotalMilliseconds / count,11:0.00}"));
    }

    private static (int Commits, TimeSpan Elapsed) Batches(IEditLogCommitter committer, StreamCommit[] commits, int each, byte[] payload, TimeSpan time)
    {
        var started = TimeProvider.System.GetTimestamp();
        var count = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < time; count++)
        {
            foreach (var commit in commits)
            {
                commit.Records = RecordBatch.Rent();
                for (var i = 1; i <= each; i++) commit.Records.Add(payload, commit.Stream, commit.PreviousNumber + i);
            }

            committer.Commit(commits);
            foreach (var commit in commits)
            {
                if (commit.Refused is not null) throw new InvalidOperationException(commit.Refused);
                commit.PreviousNumber = commit.LastNumber;
                commit.Records!.Return();
                commit.Records = null;
            }
        }

        return (count, TimeProvider.System.GetElapsedTime(started));
    }
}
