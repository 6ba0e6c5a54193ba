using System.Globalization;
using System.Text.RegularExpressions;
using Gofs.Ctl.CommandLine;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>What goes wrong ends with one clear line and the documented exit code, and loses nothing.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private SiloProcess silo = null!;

    private string Patience { get; set; } = "60";

    public async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.StartAsync();
        try
        {
            await SucceedAsync("ns", "create", "demo", "lease=1");
            await File.WriteAllTextAsync(Local("a"), "hello");
            await SucceedAsync("put", Local("a"), "demo:/a");
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task UnknownNames_AndWrongKinds_AreToldApart()
    {
        await RefuseAsync(GofsError.NamespaceNotFound, "no such", "ls", "nobody:/");
        await RefuseAsync(GofsError.NamespaceExists, "there already", "ns", "create", "demo");
        await RefuseAsync(GofsError.NotFound, "no such file", "cat", "demo:/missing");
        await RefuseAsync(GofsError.NameTooLong, "at most 255 bytes", "touch", "demo:/" + new string('x', 256));
        await SucceedAsync("mkdir", "demo:/d");
        await RefuseAsync(GofsError.IsADirectory, "directory", "cat", "demo:/d");
        await RefuseAsync(GofsError.NotADirectory, "not a directory", "mkdir", "demo:/a/b");
        await RefuseAsync(GofsError.AlreadyExists, "there already", "mkdir", "demo:/d");
        await RefuseAsync(GofsError.NotPermitted, "into itself", "mv", "demo:/d", "demo:/d/e");
        Assert.Equal("hello", (await SucceedAsync("cat", "demo:/a")).Output);
    }

    [Fact]
    public async Task Quotas_AreHeld()
    {
        await SucceedAsync("ns", "create", "names", "max-names=2");
        await SucceedAsync("mkdir", "names:/1");
        await SucceedAsync("mkdir", "names:/2");
        await RefuseAsync(GofsError.QuotaExceeded, "2 of 2 names", "mkdir", "names:/3");
        await SucceedAsync("ns", "create", "bytes", "max-bytes=4");
        await RefuseAsync(GofsError.QuotaExceeded, "of 4 bytes", "put", Local("a"), "bytes:/a");
        await RefuseAsync(GofsError.NotFound, "no such", "cat", "bytes:/a");
    }

    [Fact]
    public async Task WrongUsage_IsTold()
    {
        var end = await RunAsync("chmod", "99", "demo:/a");
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Contains("octal", end.Error, StringComparison.Ordinal);
        end = await RunAsync("put", Local("missing"), "demo:/x");
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Contains("No such file", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoppedSilo_IsTold()
    {
        await silo.KillAsync();
        Patience = "2";
        await RefuseAsync(GofsError.SiloUnreachable, "no silo answers", "ls", "demo:/");
    }

    [Fact]
    public async Task SecondSiloOnTheFolder_AndAnotherServersFolder_AreRefused()
    {
        var second = await GofsProcess.RunAsync(silo.Info(), Limit);
        Assert.Equal(3, second.ExitCode);
        Assert.Contains("another silo is using this data folder", second.Error, StringComparison.Ordinal);
        await silo.KillAsync();
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
        await RefuseAsync(GofsError.Corrupt, "does not match its CRC", "cat", "demo:/a");
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
        await RefuseAsync(GofsError.EditLogCorrupt, "record 2 does not match its CRC", "ls", "demo:/");
    }

    [Fact]
    public async Task EveryError_HasItsExitCode_InTheManual()
    {
        var folder = AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("Gofs.Tests", StringComparison.Ordinal)];
        var manual = await File.ReadAllTextAsync(Path.Combine(folder, "docs", "gofsctl.md"), TestContext.Current.CancellationToken);
        var rows = Regex.Matches(manual, @"^\| (\d+) \| (\w+) \|", RegexOptions.Multiline)
            .Where(row => Enum.TryParse<GofsError>(row.Groups[2].Value, out _))
            .ToDictionary(row => Enum.Parse<GofsError>(row.Groups[2].Value), row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal(Enum.GetValues<GofsError>().ToDictionary(error => error, ExitCodes.Of).OrderBy(one => one.Key), rows.OrderBy(one => one.Key));
    }

    private string Local(string name) => Path.Combine(silo.Folder, name);

    private Task<ProcessEnd> RunAsync(params string[] arguments) => GofsProcess.RunAsync(
        GofsProcess.Info(GofsProcess.BuiltFile("Gofs.Ctl", "gofsctl"), ["--gateway", silo.Gateway, "--connect-timeout", Patience, .. arguments]), Limit);

    private async Task<ProcessEnd> SucceedAsync(params string[] arguments)
    {
        var end = await RunAsync(arguments);
        Assert.True(end.ExitCode == 0, $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        return end;
    }

    private async Task RefuseAsync(GofsError error, string says, params string[] arguments)
    {
        var end = await RunAsync(arguments);
        Assert.True(end.ExitCode == ExitCodes.Of(error), $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        Assert.Contains(says, end.Error, StringComparison.Ordinal);
        Assert.Equal(1, end.Error.Count(c => c == '\n'));
    }
}
