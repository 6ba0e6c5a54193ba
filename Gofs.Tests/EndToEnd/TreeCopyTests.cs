using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>
/// A tree goes in and comes out the same: bytes, modes, times, symlinks, odd names; also over a kill, also cut off and asked again. One shell for each life
/// of the silo, and a command by itself that is cut off.
/// </summary>
public sealed class TreeCopyTests : IAsyncDisposable
{
    private const string Patience = "60";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private ShellProcess? shell;

    public ValueTask DisposeAsync() => shell?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Tree_ComesBackIdentical_BeforeAndAfterAKill_AndARerunFinishesACutOffPut()
    {
        await using var silo = await SiloProcess.StartAsync();
        var tree = Path.Combine(silo.Folder, "tree");
        await MakeTreeAsync(tree);
        await RunAsync(silo, 0, "ns", "create", "demo", "chunk-size=64K");
        await RunAsync(silo, 0, "put", "-r", tree, "demo:/tree");
        await SameAsync(silo, tree, "demo:/tree", "out1");
        await EndShellAsync();
        await silo.KillAsync();
        await silo.RestartAsync();
        await SameAsync(silo, tree, "demo:/tree", "out2");
        await EndShellAsync();

        var put = GofsProcess.Info(
            GofsProcess.CtlFile, "--gateway", silo.Gateway, "--connect-timeout", Patience, "--timeout", "5", "put", "-r", tree, "demo:/again");
        var cutOff = GofsProcess.RunAsync(put, Limit);
        await Task.Delay(700, TestContext.Current.CancellationToken);
        await silo.KillAsync();
        await silo.RestartAsync();
        await cutOff;
        await RunAsync(silo, 0, "put", "-r", tree, "demo:/again");
        await SameAsync(silo, tree, "demo:/again", "out3");
    }

    private static async Task MakeTreeAsync(string tree)
    {
        var random = new Random(7);
        for (var d = 0; d < 10; d++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(tree, $"dir {d}", "below")).FullName;
            for (var f = 0; f < 30; f++)
            {
                var bytes = new byte[f == 0 ? 0 : f % 10 == 9 ? random.Next(400_000) : random.Next(9000)];
                random.NextBytes(bytes);
                var path = Path.Combine(folder, $"file-{f}-\u00e4\n");
                await File.WriteAllBytesAsync(path, bytes);
                File.SetUnixFileMode(path, (UnixFileMode)random.Next(0x200) | UnixFileMode.UserRead);
                File.SetLastWriteTimeUtc(path, new DateTime(1980 + random.Next(60), 2, 3).AddTicks(random.Next()));
            }

            File.CreateSymbolicLink(Path.Combine(folder, "link"), d % 2 == 0 ? "file-1" : "../nowhere");
        }

        Directory.CreateDirectory(Path.Combine(tree, "empty"));
    }

    private async Task SameAsync(SiloProcess silo, string tree, string target, string name)
    {
        var copy = Path.Combine(silo.Folder, name);
        await RunAsync(silo, 0, "get", "-r", target, copy);
        await ToolAsync("diff", "-r", "--no-dereference", tree, copy);
        Assert.Equal(await AttributesAsync(tree), await AttributesAsync(copy));
    }

    private static async Task<string> AttributesAsync(string tree) => string.Join('\0', (await ToolAsync(
        "find", tree, "-printf", "%P %y %m %U %G %T@ %l\\0")).Split('\0').Order(StringComparer.Ordinal));

    private static async Task<string> ToolAsync(string tool, params string[] arguments)
    {
        var end = await GofsProcess.RunAsync(GofsProcess.Info(tool, arguments), Limit);
        Assert.True(end.ExitCode == 0, $"{tool}: {end.Output} {end.Error}");
        return end.Output;
    }

    private async Task RunAsync(SiloProcess silo, int expected, params string[] arguments)
    {
        shell ??= new([silo.Gateway], "--connect-timeout", Patience);
        var end = await shell.RunAsync(string.Join(' ', arguments));
        Assert.True(end.ExitCode == expected, $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
    }

    private async Task EndShellAsync()
    {
        await DisposeAsync();
        shell = null;
    }
}
