using Microsoft.Data.Sqlite;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>A silo that is gone, that is not the folder's, or whose bytes have changed on the disk: each is told, and nothing wrong is served.</summary>
public sealed class DamagedSiloTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync() => silo = await Refusals.StartSiloAsync();

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task SecondSiloOnTheFolder_AndAnotherServersFolder_AreRefused_AndAStoppedSiloIsTold()
    {
        var second = await GofsProcess.RunAsync(silo.Info(), Limit);
        Assert.Equal(3, second.ExitCode);
        Assert.Contains("another silo is using this data folder", second.Error, StringComparison.Ordinal);
        await silo.KillAsync();
        await new Refusals(silo, patience: "2").RefuseAsync(GofsError.SiloUnreachable, "no silo answers", "ls", "demo:/");
        var info = silo.Info();
        info.ArgumentList.Add("--name");
        info.ArgumentList.Add("somebody-else");
        var foreign = await GofsProcess.RunAsync(info, Limit);
        Assert.Equal(3, foreign.ExitCode);
        Assert.Contains("belongs to silo 'silo-1', not to 'somebody-else'", foreign.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CorruptChunkByte_IsNeverServed()
    {
        // The first restart redoes the journal, which would otherwise mend the byte.
        await silo.KillAsync();
        await silo.RestartAsync();
        await silo.KillAsync();
        var chunk = Assert.Single(Directory.EnumerateFiles(Path.Combine(silo.DataFolder, "disk", "chunks"), "*.chunk", SearchOption.AllDirectories));
        await using (var file = new FileStream(chunk, FileMode.Open))
        {
            file.Position = file.Length - 1;
            file.WriteByte((byte)'!');
        }

        await silo.RestartAsync();
        await new Refusals(silo).RefuseAsync(GofsError.Corrupt, "does not match its CRC", "cat", "demo:/a");
    }

    [Fact]
    public async Task CorruptEditLogRecord_StopsTheStream_AndIsNamed()
    {
        await silo.KillAsync();
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(silo.DataFolder, "editlog.db")};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = database.CreateCommand();
            command.CommandText = "UPDATE record SET payload = zeroblob(length(payload)) WHERE stream = (1 << 56) + (1 << 40) AND number = 2";
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        await silo.RestartAsync();
        await new Refusals(silo).RefuseAsync(GofsError.EditLogCorrupt, "record 2 does not match its CRC", "ls", "demo:/");
    }
}
