using System.Globalization;
using System.Security.Cryptography;
using Gofs.Namespaces;
using Gofs.Tests.Cluster;
using Gofs.Tests.EndToEnd;
using Microsoft.Playwright;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>
/// A person at the console of three silos, and of one alone: puts a large file, gets it back, changes a setting, and, where there are others, sees a server
/// die and its replicas made again. How soon a page says that the server is gone is printed, and not asserted: a test machine may stall for longer.
/// </summary>
public sealed class ConsoleClusterTests(ITestOutputHelper output)
{
    private const int FileBytes = 200 << 20;

    // The file's four, and the archive's seven.
    private const string Chunks = "11";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000, Explicit = true)]
    public async Task Person_PutsAndGetsALargeFile_ChangesASetting_AndSeesAServerDieAndItsReplicasMadeAgain()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(3, "--tmpfs", "--console");
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions, cancellation);
        await client.CreateNamespaceAsync("media", NamespaceConfig.Default with { Goal = 2 }, cancellation);
        await client.CreateNamespaceAsync("archive", NamespaceConfig.Default with { Goal = 2 }, cancellation);
        await client.Namespace("archive").PutAsync(GofsPath.Parse("/year.tar"), new MemoryStream(new byte[7 * (64 << 20)]), cancellation: cancellation);
        // So slow that somebody who looks every second sees it.
        await client.ChangeSettingsAsync([new("RebalanceBytesPerSecond", "4M")], cancellation);
        await client.ChangeSettingsAsync([new("CopyBytesPerSecond", "4M")], cancellation);
        await using var person = await ConsolePerson.StartAsync(cluster.Console);
        await PutAndGetAsync(person);
        await ChangeDeadTimeAsync(person, client);
        await SeeAServerDieAsync(person, cluster);
        Assert.Empty(person.Complaints);
    }

    [Fact(Timeout = 300_000, Explicit = true)]
    public async Task Person_OfAnEmbeddedSilo_PutsAndGetsALargeFile_AndChangesASetting()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var port = GofsProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        await using var silo = await SiloProcess.StartAsync("--console-port", port);
        await using var client = await GofsClient.ConnectAsync(silo.ClientOptions, cancellation);
        await client.CreateNamespaceAsync("media", cancellation: cancellation);
        await using var person = await ConsolePerson.StartAsync($"http://localhost:{port}/");
        await PutAndGetAsync(person);
        await ChangeDeadTimeAsync(person, client);
        Assert.Empty(person.Complaints);
    }

    private async Task PutAndGetAsync(ConsolePerson person)
    {
        var folder = Directory.CreateTempSubdirectory("gofs-console-");
        try
        {
            var file = Path.Combine(folder.FullName, "take.bin");
            var bytes = new byte[FileBytes];
            new Random(11).NextBytes(bytes);
            await File.WriteAllBytesAsync(file, bytes, Stop);
            await person.Page.GotoAsync("browse/media");
            var started = TimeProvider.System.GetTimestamp();
            await person.UploadAsync(file);
            Say("200 MiB are up", started);
            started = TimeProvider.System.GetTimestamp();
            var (_, downloaded) = await person.DownloadAsync();
            Say("and down", started);
            await using var back = File.OpenRead(downloaded);
            Assert.Equal(SHA256.HashData(bytes), await SHA256.HashDataAsync(back, Stop));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        await person.MoveAsync("last-take.bin");
        await person.DeleteAsync();
        await person.RestoreAsync("media", "/last-take.bin");
    }

    private static async Task ChangeDeadTimeAsync(ConsolePerson person, GofsClient client)
    {
        await person.Page.GotoAsync("settings");
        await person.PressAsync("Change DeadSeconds");
        await person.Page.Locator(".mud-dialog input").FillAsync("3 s");
        await person.InDialogAsync("Change");
        await person.InDialogAsync("Change it everywhere");
        await Assertions.Expect(person.Page.Locator("[data-setting=DeadSeconds]")).ToContainTextAsync("set by console");
        Assert.Equal("3", (await client.ListSettingsAsync(Stop)).Single(one => one.Setting.Key == "DeadSeconds").Value);
    }

    private async Task SeeAServerDieAsync(ConsolePerson person, ClusterProcess cluster)
    {
        var servers = await person.OpenAsync("chunkservers");
        await person.Page.GotoAsync("");
        await Assertions.Expect(person.Page.Locator("[data-health]")).ToBeVisibleAsync();
        await Assertions.Expect(person.Page.Locator("[data-health=bad]")).ToHaveCountAsync(0);
        await Assertions.Expect(servers.GetByLabel("Chunk server silo-3")).ToContainTextAsync("live");
        var wanted = person.Page.Locator(".matrix td.good");
        await Assertions.Expect(wanted).ToHaveTextAsync(Chunks);

        var killed = TimeProvider.System.GetTimestamp();
        await cluster.RunAsync("kill", 3);
        async Task SeenAsync(string what, Task seen)
        {
            await seen;
            Say(what, killed);
        }

        var health = person.Page.Locator("[data-health=bad]");
        await Task.WhenAll(
            SeenAsync("the server's page says it", Assertions.Expect(servers.GetByLabel("Chunk server silo-3")).ToContainTextAsync("silent for")),
            SeenAsync("the overview says it", Assertions.Expect(health).ToContainTextAsync("Chunk server silo-3 has been silent")),
            SeenAsync("re-replication is under way", Assertions.Expect(person.Page.Locator("[data-duties]")).ToContainTextAsync("Re-replication")));
        await Assertions.Expect(person.Page.Locator("[data-duties]")).ToHaveAttributeAsync("data-duties", "0");
        await Assertions.Expect(wanted).ToHaveTextAsync(Chunks);
        Say("and at its end", killed);
    }

    private void Say(string what, long since) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what} after {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s"));
}
