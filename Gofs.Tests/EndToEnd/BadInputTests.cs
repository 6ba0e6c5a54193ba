using Gofs.Ctl.CommandLine;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>What goes wrong ends with one clear line and the documented exit code, and loses nothing.</summary>
public sealed class BadInputTests(BadInputTests.Fixture fixture) : IClassFixture<BadInputTests.Fixture>
{
    private readonly Refusals refusals = new(fixture.Silo);

    [Fact]
    public async Task UnknownNames_AndWrongKinds_AreToldApart()
    {
        await refusals.RefuseAsync(GofsError.NamespaceNotFound, "no such", "ls", "nobody:/");
        await using var shell = new ShellProcess([fixture.Silo.Gateway], "--connect-timeout", "30");
        await RefuseAsync(shell, GofsError.NamespaceExists, "there already", "ns create demo");
        await RefuseAsync(shell, GofsError.NotFound, "no such file", "cat demo:/missing");
        await RefuseAsync(shell, GofsError.NameTooLong, "at most 255 bytes", "touch demo:/" + new string('x', 256));
        await SucceedAsync(shell, "mkdir demo:/d");
        await RefuseAsync(shell, GofsError.IsADirectory, "directory", "cat demo:/d");
        await RefuseAsync(shell, GofsError.NotADirectory, "not a directory", "mkdir demo:/a/b");
        await RefuseAsync(shell, GofsError.AlreadyExists, "there already", "mkdir demo:/d");
        await RefuseAsync(shell, GofsError.NotPermitted, "into itself", "mv demo:/d demo:/d/e");
        Assert.Equal("hello", (await SucceedAsync(shell, "cat demo:/a")).Output);
    }

    [Fact]
    public async Task Quotas_AreHeld()
    {
        await using var shell = new ShellProcess([fixture.Silo.Gateway], "--connect-timeout", "30");
        await SucceedAsync(shell, "ns create names max-names=2");
        await SucceedAsync(shell, "mkdir names:/1");
        await SucceedAsync(shell, "mkdir names:/2");
        await RefuseAsync(shell, GofsError.QuotaExceeded, "2 of 2 names", "mkdir names:/3");
        await SucceedAsync(shell, "ns create bytes max-bytes=4");
        var local = Path.Combine(fixture.Silo.Folder, "a");
        await File.WriteAllTextAsync(local, "hello", TestContext.Current.CancellationToken);
        await RefuseAsync(shell, GofsError.QuotaExceeded, "of 4 bytes", $"put {local} bytes:/a");
        await RefuseAsync(shell, GofsError.NotFound, "no such", "cat bytes:/a");
    }

    [Fact]
    public async Task WrongUsage_IsTold()
    {
        var end = await refusals.RunAsync("chmod", "99", "demo:/a");
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Contains("octal", end.Error, StringComparison.Ordinal);
        end = await refusals.RunAsync("put", Path.Combine(fixture.Silo.Folder, "missing"), "demo:/x");
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Contains("No such file", end.Error, StringComparison.Ordinal);
    }

    private static async Task<ProcessEnd> SucceedAsync(ShellProcess shell, string line)
    {
        var end = await shell.RunAsync(line);
        Assert.True(end.ExitCode == 0, $"{line}: {end}");
        return end;
    }

    private static async Task RefuseAsync(ShellProcess shell, GofsError error, string says, string line)
    {
        var end = await shell.RunAsync(line);
        Assert.True(end.ExitCode == ExitCodes.Of(error), $"{line}: {end}");
        Assert.Contains(says, end.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (end.Error.Count(c => c == '\n'), end.Output));
    }

    /// <summary>A silo with a file, which no test changes.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal SiloProcess Silo { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Silo = await Refusals.StartSiloAsync();

        public ValueTask DisposeAsync() => Silo?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
