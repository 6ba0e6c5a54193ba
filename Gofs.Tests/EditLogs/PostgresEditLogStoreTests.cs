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

    [Fact]
    public void RowsOfTheFirstRelease_AreRead_BesideNewOnes()
    {
        var head = Committer.Take(Commits.Stream(1));
        var crc = EditLogCrc.OfRecord(Commits.Stream(1), 1, [7]);
        Damage($"""
            INSERT INTO gofs.record (stream, number, crc, payload) VALUES ({Commits.Stream(1).Value}, 1, {crc}, '\x07');
            UPDATE gofs.stream SET number = 1
            """);
        Committer.Do(Commits.Append(Commits.Stream(1), head.Epoch, 1, [8], [9]));
        Assert.Equal([new(1, [7]), new(2, [8]), new(3, [9])], Store.Records(Commits.Stream(1)));
    }

    [Theory]
    [InlineData("count = 3")]
    [InlineData("count = 1000000000")]
    [InlineData("count = 0")]
    [InlineData("payload = payload || '\\x00'")]
    [InlineData("payload = substring(payload, 1, 20)")]
    [InlineData("payload = set_byte(payload, 0, 200)")]
    [InlineData("payload = set_byte(payload, 3, 255)")]
    public void RowThatIsNotOfItsRecords_IsRefused(string damage)
    {
        Committer.Do(Commits.Create(Commits.Stream(1), Commits.Payload(5), Commits.Payload(6)));
        Damage($"UPDATE gofs.record SET {damage}");
        var refused = Assert.Throws<GofsException>(() => Store.ReadRecords(Commits.Stream(1), 0, 100, (_, _, _) => { }));
        Assert.Equal(GofsError.EditLogCorrupt, refused.Error);
    }

    [Fact]
    public void RowOfSeveralRecords_HasTheseBytes()
    {
        Committer.Do(Commits.Create(Commits.Stream(1), [1, 2, 3], []));
        var crcs = new[] { EditLogCrc.OfRecord(Commits.Stream(1), 1, [1, 2, 3]), EditLogCrc.OfRecord(Commits.Stream(1), 2, []) }
            .Select(crc => Convert.ToHexStringLower(BitConverter.GetBytes(crc))).ToArray();
        Damage($"""
            DO $$ BEGIN
                ASSERT (SELECT (number, count, crc, encode(payload, 'hex')) = (2, 2, 0, '03000000{crcs[0]}01020300000000{crcs[1]}') FROM gofs.record);
            END $$
            """);
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
