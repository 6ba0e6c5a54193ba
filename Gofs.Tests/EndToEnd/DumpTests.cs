using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>The metadata is lost, the chunks are not: from a dump everything comes back, to the byte. One shell for each life of the silo.</summary>
public sealed class DumpTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private ShellProcess? shell;

    public ValueTask DisposeAsync() => shell?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task LostMetadata_LoadedFromADump_HasAllFilesWithTheirBytes()
    {
        await using var silo = await SiloProcess.StartAsync();
        var tree = Path.Combine(silo.Folder, "tree");
        var dump = Path.Combine(silo.Folder, "demo.dump");
        await MakeTreeAsync(tree);
        await CtlAsync(silo, 0, "ns", "create", "other");
        await CtlAsync(silo, 0, "ns", "create", "demo", "chunk-size=64K");
        await CtlAsync(silo, 0, "put", "-r", tree, "demo:/tree");
        await CtlAsync(silo, 0, "put", Path.Combine(tree, "large"), "demo:/removed");
        await CtlAsync(silo, 0, "rm", "demo:/removed");
        Assert.Contains("\"trashItems\":1", await CtlAsync(silo, 0, "meta", "dump", "demo", dump, "--json"), StringComparison.Ordinal);
        await CtlAsync(silo, 0, "put", Path.Combine(tree, "large"), "demo:/after");

        await EndShellAsync();
        await silo.KillAsync();
        foreach (var lost in Directory.GetFiles(silo.DataFolder).Where(file => Path.GetFileName(file) is var name
            && (name.StartsWith("editlog", StringComparison.Ordinal) || name.StartsWith("cluster", StringComparison.Ordinal)))) File.Delete(lost);
        await silo.RestartAsync();
        Assert.Equal("", await CtlAsync(silo, 0, "ns", "ls"));

        var whole = await File.ReadAllBytesAsync(dump, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(dump + ".cut", whole[..^20], TestContext.Current.CancellationToken);
        await CtlAsync(silo, 10 + (int)GofsError.EditLogCorrupt, "meta", "load", dump + ".cut");
        Assert.Equal("", await CtlAsync(silo, 0, "ns", "ls"));
        await CtlAsync(silo, 0, "meta", "load", dump);
        await CtlAsync(silo, 10 + (int)GofsError.NotPermitted, "meta", "load", dump, "--as", "twin");
        await CtlAsync(silo, 0, "meta", "load", dump, "--as", "names", "--names-only");

        await SameAsync(silo, tree, "out1");
        Assert.Contains("removed", await CtlAsync(silo, 0, "trash", "ls", "demo"), StringComparison.Ordinal);
        await CtlAsync(silo, 0, "trash", "restore", "demo", "1");
        await CtlAsync(silo, 0, "get", "demo:/removed", Path.Combine(silo.Folder, "restored"));
        await ToolAsync("cmp", Path.Combine(tree, "large"), Path.Combine(silo.Folder, "restored"));
        await CtlAsync(silo, 0, "put", "-r", tree, "demo:/second");
        await CtlAsync(silo, 0, "truncate", "-s", "399990", "demo:/tree/large");
        await CtlAsync(silo, 0, "put", Path.Combine(tree, "large"), "demo:/tree/large");
        await EndShellAsync();
        await silo.KillAsync();
        await silo.RestartAsync();
        await SameAsync(silo, tree, "out2");
        await CtlAsync(silo, 0, "get", "-r", "demo:/second", Path.Combine(silo.Folder, "out3"));
        await ToolAsync("diff", "-r", "--no-dereference", tree, Path.Combine(silo.Folder, "out3"));
    }

    private static async Task MakeTreeAsync(string tree)
    {
        var random = new Random(11);
        var folder = Directory.CreateDirectory(Path.Combine(tree, "a dir", "below")).FullName;
        for (var f = 0; f < 20; f++)
        {
            var bytes = new byte[f == 0 ? 0 : random.Next(9000)];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(folder, $"file-{f}-ä\n%"), bytes);
        }

        var large = new byte[400_000];
        random.NextBytes(large);
        await File.WriteAllBytesAsync(Path.Combine(tree, "large"), large);
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "../nowhere");
        Directory.CreateDirectory(Path.Combine(tree, "empty"));
    }

    private async Task SameAsync(SiloProcess silo, string tree, string name)
    {
        var copy = Path.Combine(silo.Folder, name);
        await CtlAsync(silo, 0, "get", "-r", "demo:/tree", copy);
        await ToolAsync("diff", "-r", "--no-dereference", tree, copy);
    }

    private static async Task ToolAsync(string tool, params string[] arguments)
    {
        var end = await GofsProcess.RunAsync(GofsProcess.Info(tool, arguments), Limit);
        Assert.True(end.ExitCode == 0, $"{tool}: {end.Output} {end.Error}");
    }

    private async Task<string> CtlAsync(SiloProcess silo, int expected, params string[] arguments)
    {
        shell ??= new([silo.Gateway], "--connect-timeout", "30");
        var end = await shell.RunAsync(string.Join(' ', arguments));
        Assert.True(end.ExitCode == expected, $"{string.Join(' ', arguments)}: {end.ExitCode} {end.Error}");
        return end.Output.Trim();
    }

    private async Task EndShellAsync()
    {
        await DisposeAsync();
        shell = null;
    }
}
