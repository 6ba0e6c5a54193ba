using System.Globalization;
using Gofs.Namespaces;
using Gofs.Tests.Cluster;
using Microsoft.Playwright;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Measures what docs/console.md says the console costs and how fast it is. For people, on a machine that does nothing else.</summary>
public sealed class ConsoleFigures(ITestOutputHelper output)
{
    private const int Consoles = 50;
    private const int Entries = 100_000;
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task LargeDirectory_AndManyConsoles()
    {
        await using var cluster = await ClusterProcess.StartAsync(3, "--tmpfs", "--console");
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions, Stop);
        await client.CreateNamespaceAsync("media", NamespaceConfig.Default with { Goal = 2 }, Stop);
        var media = client.Namespace("media");
        await media.CreateDirectoryAsync(GofsPath.Parse("/many"), cancellation: Stop);
        await FillAsync(media, Entries);
        await using var person = await ConsolePerson.StartAsync(cluster.Console);
        await LargeDirectoryAsync(person);
        await person.Page.GotoAsync("about:blank");
        await Task.Delay(TimeSpan.FromSeconds(5), Stop);
        Say("nobody looks", await CpuAsync(cluster));
        foreach (var page in (string[])["", "chunkservers", "browse/media?path=/many", "settings"]) await ManyAsync(person, cluster, page);
    }

    /// <summary>Empty files in /many.</summary>
    internal static Task FillAsync(GofsNamespace space, int count) =>
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Stop }, async (i, stop) => await space.PutAsync(
            GofsPath.Parse(string.Create(CultureInfo.InvariantCulture, $"/many/frame-{i:000000}.exr")), Stream.Null, cancellation: stop));

    private async Task LargeDirectoryAsync(ConsolePerson person)
    {
        for (var i = 0; i < 5; i++)
        {
            await person.Page.GotoAsync("browse/media");
            await person.Page.GetByText("many").First.WaitForAsync();
            var started = TimeProvider.System.GetTimestamp();
            await person.OpenRowAsync("many");
            await person.Page.GetByText("frame-000000.exr").WaitForAsync();
            output.WriteLine(Text($"first rows of {Entries:#,0} after {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:0} ms"));
            started = TimeProvider.System.GetTimestamp();
            await person.Page.Locator(".rows").EvaluateAsync("rows => rows.scrollTop = rows.scrollHeight");
            await person.Page.GetByText("frame-099999.exr").WaitForAsync();
            output.WriteLine(Text($"the last after {TimeProvider.System.GetElapsedTime(started).TotalMilliseconds:0} ms"));
        }
    }

    private async Task ManyAsync(ConsolePerson person, ClusterProcess cluster, string address)
    {
        List<IPage> pages = [];
        for (var i = 0; i < Consoles; i++)
        {
            pages.Add(await person.OpenAsync(address));
            await pages[i].Locator("h1").WaitForAsync();
        }

        await Task.Delay(TimeSpan.FromSeconds(10), Stop);
        Say($"{Consoles} of /{address}", await CpuAsync(cluster));
        foreach (var page in pages) await page.CloseAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), Stop);
    }

    // Milliseconds of CPU time a second of the silo with the console.
    private static async Task<double> CpuAsync(ClusterProcess cluster)
    {
        var stat = $"/proc/{(await File.ReadAllTextAsync(Path.Combine(cluster.Folder(1), "pid"), Stop)).Trim()}/stat";
        var before = Ticks(await File.ReadAllTextAsync(stat, Stop));
        var started = TimeProvider.System.GetTimestamp();
        await Task.Delay(Watched, Stop);
        return (Ticks(await File.ReadAllTextAsync(stat, Stop)) - before) * 10.0 / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static long Ticks(string stat)
    {
        var words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(words[11], CultureInfo.InvariantCulture) + long.Parse(words[12], CultureInfo.InvariantCulture);
    }

    private void Say(string what, double cpu) => output.WriteLine(Text($"{what}: {cpu:0} ms of CPU time a second"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
