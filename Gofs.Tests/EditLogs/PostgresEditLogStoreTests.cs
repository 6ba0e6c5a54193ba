using Gofs.Grains.EditLogs;
using Gofs.Grains.EditLogs.Postgres;
using Npgsql;
using Xunit;

namespace Gofs.Tests.EditLogs;

/// <summary>The store's contract over PostgreSQL, on a real server.</summary>
[Collection("PostgreSQL")]
public sealed class PostgresEditLogStoreTests : EditLogSweepTests, IClassFixture<PostgresDatabase>
{
    private readonly PostgresDatabase database;

    public PostgresEditLogStoreTests(PostgresDatabase database)
    {
        this.database = database;
        Options = new() { PostgresConnection = database.Connection };
        Reopen();
        Damage("TRUNCATE gofs.stream, gofs.record, gofs.snapshot_part");
    }

    private EditLogOptions Options { get; }

    [Fact]
    public void SecondSilo_FindsTheSchema_AndSeesTheStreams()
    {
        var head = Committer.Take(Commits.Stream(1));
        using var other = new PostgresEditLogStore(Options);
        Assert.Equal(head, other.Find(Commits.Stream(1)));
    }

    [Fact]
    public void SchemaOfANewerRelease_OrAnEditedScript_IsRefused()
    {
        Damage("INSERT INTO gofs.script VALUES ('gofs-9999-later.sql', 1)");
        Assert.Contains("9999-later", AssertForeign(), StringComparison.Ordinal);
        Damage("DELETE FROM gofs.script WHERE name LIKE '%later.sql'; UPDATE gofs.script SET crc = crc + 1 WHERE name LIKE '%editlog.sql'");
        Assert.Contains("0001-editlog", AssertForeign(), StringComparison.Ordinal);
        Damage("UPDATE gofs.script SET crc = crc - 1 WHERE name LIKE '%editlog.sql'");
        new PostgresEditLogStore(Options).Dispose();
    }

    [Fact]
    public void OrleansOwnTables_AreThere()
    {
        Damage("""
            DO $$ BEGIN
                ASSERT (SELECT count(*) FROM OrleansQuery WHERE QueryKey IN ('MembershipReadAllKey', 'WriteToStorageKey', 'GatewaysQueryKey')) = 3;
            END $$
            """);
    }

    [Fact]
    public void SessionThatStopsInATransaction_HoldsAStreamForASecondOnly()
    {
        var head = Committer.Take(Commits.Stream(1));
        using var source = PostgresSessions.ForWriting(Options);
        using var stopped = source.OpenConnection();
        using var transaction = stopped.BeginTransaction();
        using var command = new NpgsqlCommand("UPDATE gofs.stream SET number = 5", stopped);
        command.ExecuteNonQuery();
        var started = TimeProvider.System.GetTimestamp();
        var next = Committer.Take(Commits.Stream(1));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(3));
        Assert.Equal(head with { Epoch = next.Epoch, FormerEpoch = head.Epoch }, next);
    }

    [Fact]
    public void RowLockedForLong_FailsTheCommitInBoundedTime_AndTheNextIsFine()
    {
        Committer.Take(Commits.Stream(1));
        using var source = NpgsqlDataSource.Create(database.Connection + ";Pooling=false");
        using (var foreign = source.OpenConnection())
        using (var transaction = foreign.BeginTransaction())
        {
            using var command = new NpgsqlCommand("SELECT FROM gofs.stream FOR UPDATE", foreign);
            command.ExecuteNonQuery();
            var started = TimeProvider.System.GetTimestamp();
            var refused = Assert.Throws<GofsException>(() => Committer.Take(Commits.Stream(1)));
            Assert.Equal(GofsError.Unavailable, refused.Error);
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        }

        Committer.Take(Commits.Stream(1));
    }

    [Fact]
    public void ServerThatCanNotBeReached_IsSaid()
    {
        var nobody = new EditLogOptions { PostgresConnection = "Host=127.0.0.1;Port=1;Username=gofs;Password=secret" };
        var refused = Assert.Throws<GofsException>(() => new PostgresEditLogStore(nobody));
        Assert.Equal(GofsError.Unavailable, refused.Error);
        Assert.Contains("127.0.0.1:1", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    internal override IEditLogStore Open() => new PostgresEditLogStore(Options);

    internal override void Damage(string sql) => database.Run(sql);

    internal override string Table(string name) => $"gofs.{name}";

    private string AssertForeign()
    {
        var refused = Assert.Throws<GofsException>(() => new PostgresEditLogStore(Options));
        Assert.Equal(GofsError.ForeignFolder, refused.Error);
        return refused.Message;
    }
}
