using System.Globalization;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Microsoft.Playwright;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Makes a picture of every page, light and dark, wide and narrow (eng/screenshots DIR): for people to look at.</summary>
public sealed class Screenshots
{
    private static readonly (string Name, string Address)[] Pages =
    [
        ("overview", ""),
        ("browse", "browse"),
        ("browse-directory", "browse/projects"),
        ("browse-file", "browse/projects?path=/docs/sdk.md"),
        ("browse-large-file", "browse/media?path=/recording.mp4"),
        ("browse-nothing", "browse/projects?path=/no/such/place"),
        ("browse-100000", "browse/media?path=/many"),
        ("trash", "trash?space=projects"),
        ("namespaces", "namespaces"),
        ("namespaces-new", "namespaces?new=1"),
        ("chunkservers", "chunkservers"),
        ("metaserver", "metaserver"),
        ("editlog", "editlog?space=projects"),
        ("not-found", "no-such-page"),
    ];

    [Fact(Explicit = true)]
    public async Task EveryPage()
    {
        var folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("GOFS_SCREENSHOTS") ?? "screenshots").FullName;
        var port = GofsProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        await using var silo = await SiloProcess.StartAsync("--console-port", port, "--Silo:Labels:rack", "r1", "--Silo:OrleansDashboard", "true");
        await using var client = await GofsClient.ConnectAsync(silo.ClientOptions);
        await FillAsync(client);
        await using var browser = await ConsoleBrowser.StartAsync();
        var axe = Environment.GetEnvironmentVariable("GOFS_AXE");
        List<string> complaints = [];
        foreach (var (theme, scheme) in new[] { ("light", ColorScheme.Light), ("dark", ColorScheme.Dark) })
        {
            foreach (var (width, height) in new[] { (1280, 860), (400, 860) })
            {
                await using var context = await browser.Browser.NewContextAsync(new()
                {
                    ViewportSize = new() { Width = width, Height = height },
                    ColorScheme = scheme,
                    BypassCSP = axe is not null,
                    BaseURL = $"http://localhost:{port}/",
                });
                var page = await context.NewPageAsync();
                page.Console += (_, said) =>
                {
                    var isMeant = page.Url.EndsWith("no-such-page", StringComparison.Ordinal);
                    if (said.Type is "error" or "warning" && !isMeant) complaints.Add($"{page.Url}: {said.Text}");
                };
                foreach (var (name, address) in Pages)
                {
                    await page.GotoAsync(address);
                    await page.Locator("h1").WaitForAsync();
                    await Assertions.Expect(page.Locator(".loading")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
                    if (name == "overview") await Assertions.Expect(page.Locator(".spark polyline")).ToHaveCountAsync(1, new() { Timeout = 30_000 });
                    if (name == "namespaces-new") await page.Locator(".mud-dialog input[name=Name]").WaitForAsync();
                    if (axe is not null) complaints.AddRange(await CheckAsync(page, axe, $"{name} {theme} {width}"));
                    var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                    if (overflow > 0) complaints.Add($"{name} at {width}: {overflow} pixels too wide");
                    var file = Path.Combine(folder, $"{name}-{theme}-{width}.png");
                    await page.ScreenshotAsync(new() { Path = file, Animations = ScreenshotAnimations.Disabled });
                    if (name != "browse-100000") continue;
                    await page.Locator(".rows").EvaluateAsync("rows => rows.scrollTop = rows.scrollHeight");
                    await page.GetByText("frame-099999.exr").WaitForAsync();
                }
            }
        }

        Assert.True(complaints.Count == 0, string.Join('\n', complaints.Distinct()));
    }

    /// <summary>What axe-core finds that is serious.</summary>
    private static async Task<string[]> CheckAsync(IPage page, string axe, string where)
    {
        await page.AddScriptTagAsync(new() { Path = axe });
        var found = await page.EvaluateAsync<string[]>("""
            async () => (await axe.run()).violations.filter(one => one.impact === 'serious' || one.impact === 'critical')
              .map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 160)).slice(0, 3).join(' | '))
            """);
        return [.. found.Select(one => $"{where}: {one}")];
    }

    private static async Task FillAsync(GofsClient client)
    {
        var settings = NamespaceConfig.Default with { MaxNames = 400, MaxBytes = 1L << 30, TrashRetention = TimeSpan.FromDays(7) };
        await client.CreateNamespaceAsync("projects", settings);
        await client.CreateNamespaceAsync("media");
        await client.CreateNamespaceAsync("backups", NamespaceConfig.Default with { Goal = 2, Durability = Durability.Write });
        var projects = client.Namespace("projects");
        foreach (var file in House.Repository.SourcesOf("Gofs.Client").Concat(House.Repository.Pages))
        {
            var path = GofsPath.Parse("/" + file);
            await projects.CreateDirectoryAsync(path.Parent, parents: true);
            await using var source = File.OpenRead(Path.Combine(House.Repository.Root, file));
            await projects.PutAsync(path, source);
        }

        await projects.SetExtendedAttributeAsync(GofsPath.Parse("/docs/sdk.md"), "user.reviewed", "yes"u8.ToArray());
        await projects.RemoveAsync(GofsPath.Parse("/Gofs.Client/Internal"), recursive: true);
        await projects.RemoveAsync(GofsPath.Parse("/docs/deploy.md"));
        await projects.RemoveAsync(GofsPath.Parse("/Gofs.Client/Transport"), recursive: true);
        await projects.SnapshotAsync();
        var media = client.Namespace("media");
        await media.PutAsync(GofsPath.Parse("/recording.mp4"), new MemoryStream(new byte[200 << 20]));
        await media.CreateDirectoryAsync(GofsPath.Parse("/many"));
        await Parallel.ForAsync(0, 100_000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, stop) =>
            await media.PutAsync(GofsPath.Parse(string.Create(CultureInfo.InvariantCulture, $"/many/frame-{i:000000}.exr")), Stream.Null, cancellation: stop));
    }
}
