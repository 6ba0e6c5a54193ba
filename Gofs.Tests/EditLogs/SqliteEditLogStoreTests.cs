using Gofs.Grains.EditLogs;
using Gofs.Grains.EditLogs.Sqlite;
using Xunit;

namespace Gofs.Tests.EditLogs;

/// <summary>The store's contract over SQLite, in a real file.</summary>
public sealed class SqliteEditLogStoreTests : EditLogSweepTests, IDisposable
{
    private readonly TempFolder folder = new();

    private string Path => folder.File("editlog.db");

    public new void Dispose()
    {
        base.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void FileOfAnotherStore_IsRefused_WhileThatIsOpen()
    {
        Reopen();
        var refused = Assert.Throws<GofsException>(() => new SqliteEditLogStore(Path));
        Assert.Equal(GofsError.ForeignFolder, refused.Error);
    }

    [Fact]
    public void FileOfAnotherProgram_IsRefusedUntouched()
    {
        using (var foreign = new SqliteDatabase(Path, readOnly: false)) foreign.Run("CREATE TABLE theirs (x)");
        Assert.Equal(GofsError.ForeignFolder, Assert.Throws<GofsException>(() => new SqliteEditLogStore(Path)).Error);
        using var after = new SqliteDatabase(Path, readOnly: true);
        Assert.Equal(1, after.Ask("SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public void NewerSchema_IsRefused()
    {
        Reopen();
        Damage("INSERT INTO gofs_schema VALUES (9999)");
        base.Dispose();
        Assert.Equal(GofsError.ForeignFolder, Assert.Throws<GofsException>(() => new SqliteEditLogStore(Path)).Error);
    }

    internal override IEditLogStore Open() => new SqliteEditLogStore(Path);

    internal override void Damage(string sql)
    {
        using var database = new SqliteDatabase(Path, readOnly: false);
        database.Run(sql);
    }

    internal override string Table(string name) => name;
}
