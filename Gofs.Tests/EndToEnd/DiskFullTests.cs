using System.Diagnostics;
using Gofs.Ctl.CommandLine;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>
/// A chunk server's disk is full: a small file system in memory, which only root can mount. Writers are told, readers are not
/// disturbed, what is there stays, and there is room again after something was removed.
/// </summary>
public sealed class DiskFullTests : IAsyncLifetime
{
    private const int DiskBytes = 64 << 20;
    private const int FileBytes = 3 << 20;
    private const int MostFiles = DiskBytes / FileBytes; // the journal grows beside them, sooner or later
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly string disk = Directory.CreateTempSubdirectory("gofs-disk-").FullName;
    private bool isMounted;
    private SiloProcess? silo;
    private ShellProcess? shell;

    public async ValueTask InitializeAsync()
    {
        var mount = GofsProcess.Info("mount", "-t", "tmpfs", "-o", $"size={DiskBytes}", "gofs-test", disk);
        isMounted = OperatingSystem.IsLinux() && await GofsProcess.RunAsync(mount, Limit) is { ExitCode: 0 };
        if (!isMounted) return;
        silo = await SiloProcess.StartAsync("--disk", disk, "--Silo:ReserveBytes", $"{2 << 20}");
        shell = new([silo.Gateway], "--timeout", "10");
    }

    public async ValueTask DisposeAsync()
    {
        if (shell is not null) await shell.DisposeAsync();
        if (silo is not null) await silo.DisposeAsync();
        if (isMounted) await GofsProcess.RunAsync(GofsProcess.Info("umount", disk), Limit);
        Directory.Delete(disk, recursive: true);
    }

    [Fact]
    public async Task FullDisk_IsTold_ReadsGoOn_AndRemovingMakesRoom()
    {
        Assert.SkipUnless(isMounted, "mounting a small tmpfs needs root");
        await SucceedsAsync("ns", "create", "demo", "chunk-size=1M", "trash=0");
        var (paths, contents) = (new List<string>(), new List<byte[]>());
        ProcessEnd end;
        do
        {
            var content = new byte[FileBytes];
            new Random(paths.Count).NextBytes(content);
            var local = Path.Combine(silo!.Folder, $"local-{paths.Count}");
            await File.WriteAllBytesAsync(local, content, TestContext.Current.CancellationToken);
            end = await RunAsync("put", local, $"demo:/f{paths.Count}");
            if (end.ExitCode != 0) break;
            paths.Add($"demo:/f{paths.Count}");
            contents.Add(content);
        }
        while (paths.Count < MostFiles);

        Assert.True(end.ExitCode == ExitCodes.Of(GofsError.NoSpace), $"{paths.Count} files, then {end}");
        Assert.Equal(1, end.Error.Count(c => c == '\n'));
        Assert.True(paths.Count is >= 3 and < MostFiles, $"{paths.Count} files, then {end}");
        await AreThereAsync(paths, contents);
        await SucceedsAsync("mkdir", "demo:/names-go-on");

        await SucceedsAsync(["rm", "--skip-trash", .. paths[1..]]);
        (paths, contents) = (paths[..1], contents[..1]);
        await WorksAgainAsync("put", Path.Combine(silo.Folder, "local-0"), "demo:/again");
        await AreThereAsync(paths, contents);
    }

    /// <summary>The chunks go when the chunk server is told, a heartbeat or two after the name.</summary>
    private async Task WorksAgainAsync(params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Limit);
        while (await RunAsync(arguments) is { ExitCode: not 0 } end)
        {
            Assert.Equal(ExitCodes.Of(GofsError.NoSpace), end.ExitCode);
            await Task.Delay(500, patience.Token);
        }
    }

    private async Task AreThereAsync(List<string> paths, List<byte[]> contents)
    {
        foreach (var (path, content) in paths.Zip(contents))
        {
            var copy = Path.Combine(silo!.Folder, "copy");
            await SucceedsAsync("get", path, copy);
            Assert.Equal(content, await File.ReadAllBytesAsync(copy, TestContext.Current.CancellationToken));
        }
    }

    private async Task SucceedsAsync(params string[] arguments)
    {
        var end = await RunAsync(arguments);
        Assert.True(end.ExitCode == 0, $"{string.Join(' ', arguments)}: {end}");
    }

    private Task<ProcessEnd> RunAsync(params string[] arguments) => shell!.RunAsync(string.Join(' ', arguments));
}
