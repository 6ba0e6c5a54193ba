using System.Net;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Namespaces;
using Gofs.Tests.Cluster;
using Gofs.Tests.EndToEnd;
using Gofs.Web.Hosting;
using Microsoft.Playwright;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Makes a picture of every page, light and dark, wide and narrow (eng/screenshots DIR): for people to look at.</summary>
public sealed class Screenshots
{
    private static readonly Scene[] Pages =
    [
        new("overview", ""),
        new("overview-read", "?servers=sent&spaces=records"),
        new("browse", "browse"),
        new("browse-directory", "browse/projects"),
        new("browse-file", "browse/projects?path=/docs/sdk.md"),
        new("browse-large-file", "browse/media?path=/recording.mp4"),
        new("browse-nothing", "browse/projects?path=/no/such/place"),
        new("browse-100000", "browse/media?path=/many"),
        new("trash", "trash?space=projects"),
        new("namespaces", "namespaces"),
        new("namespaces-new", "namespaces?new=1"),
        new("usage", "usage/projects"),
        new("browse-open-file", "browse/media?path=/render/scene-12.mov"),
        new("chunkservers", "chunkservers"),
        new("metaserver", "metaserver"),
        new("editlog", "editlog?space=projects"),
        new("leases", "leases?space=media"),
        new("settings", "settings"),
        new("not-found", "no-such-page"),
        new("menu", "", Press("Pages"), OnlyNarrow: true),
        new("browse-move", "browse/projects?path=/docs/sdk.md", Press("Move")),
        new("trash-empty", "trash?space=projects", Press("Empty the trash")),
        new("namespaces-settings", "namespaces", Press("Settings of projects")),
        new("chunkservers-drain", "chunkservers", Press("Drain silo-2")),
        new("chunkservers-maintenance", "chunkservers", Press("Maintenance of silo-2")),
        new("metaserver-failover", "metaserver", page => page.GetByLabel("Namespace media").GetByText("Fail over").ClickAsync()),
        new("leases-break", "leases?space=media", Press("Break the lease of /render/scene-12.mov")),
        new("settings-change", "settings", Press("Change DeadSeconds")),
    ];

    private static readonly Scene[] PagesOfADrain = [new("drain-overview", ""), new("drain-chunkservers", "chunkservers")];

    private static readonly Scene[] PagesOfAServerLost =
    [
        new("lost-overview", ""),
        new("lost-chunkservers", "chunkservers"),
        new("lost-metaserver", "metaserver"),
        new("lost-chunkservers-remove", "chunkservers", Press("Remove silo-3")),
    ];

    private const int NarrowPixels = 400;

    private readonly string folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("GOFS_SCREENSHOTS") ?? "screenshots").FullName;
    private readonly string? axe = Environment.GetEnvironmentVariable("GOFS_AXE");
    private readonly List<string> complaints = [];

    [Fact(Explicit = true)]
    public async Task EveryPage()
    {
        Dictionary<string, string> settings = new() { ["OrleansDashboard"] = "true", ["Labels__rack"] = "r1" };
        await using var cluster = await ClusterProcess.StartAsync(3, settings, "--tmpfs", "--console");
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions);
        await FillAsync(client);
        await using var open = await client.Namespace("media").OpenAsync(GofsPath.Parse("/render/scene-12.mov"), FileMode.Create, FileAccess.Write);
        await open.WriteAsync(new byte[90 << 20]);
        await using var appender = await client.Namespace("media").OpenAppenderAsync(GofsPath.Parse("/render/log"));
        await appender.AppendAsync("frame 1"u8.ToArray());
        await client.ChangeSettingsAsync([new("DeadSeconds", "3"), new("ScrubMegabytesPerSecond", "1")]);
        // So slow that something is still under way when it is looked at.
        await client.ChangeSettingsAsync([new("RebalanceBytesPerSecond", "4M"), new("CopyBytesPerSecond", "4M")]);
        await client.StartScrubAsync(new("silo-2"));
        await using var browser = await ConsoleBrowser.StartAsync();
        await ShootAsync(browser.Browser, cluster.Console, Pages);
        await SignInAsync(browser.Browser, client);
        await client.MarkChunkServerAsync(new("silo-2"), ServerMark.Drain);
        await ShootAsync(browser.Browser, cluster.Console, PagesOfADrain);
        await client.MarkChunkServerAsync(new("silo-2"), ServerMark.None);
        await cluster.RunAsync("kill", 3);
        await Task.Delay(TimeSpan.FromSeconds(2));
        await ShootAsync(browser.Browser, cluster.Console, PagesOfAServerLost);
        Assert.True(complaints.Count == 0, string.Join('\n', complaints.Distinct()));
    }

    private async Task SignInAsync(IBrowser browser, GofsClient client)
    {
        await client.SetConsoleUserAsync("ada", ConsoleRole.Viewer, "correct horse");
        var options = new ConsoleOptions { Address = new(IPAddress.Loopback, GofsProcess.FreePort()), Program = "gofs-silo", SignIn = true };
        await using var host = await ConsoleHost.StartAsync(options, client, TimeProvider.System);
        await ShootAsync(browser, $"http://localhost:{options.Address.Port}/", [new("sign-in", "sign-in")]);
    }

    private async Task ShootAsync(IBrowser browser, string console, Scene[] scenes)
    {
        foreach (var (theme, scheme) in new[] { ("light", ColorScheme.Light), ("dark", ColorScheme.Dark) })
        {
            foreach (var (width, height) in new[] { (1280, 860), (NarrowPixels, 860) })
            {
                await using var context = await browser.NewContextAsync(new()
                {
                    ViewportSize = new() { Width = width, Height = height },
                    ColorScheme = scheme,
                    BypassCSP = axe is not null,
                    BaseURL = console,
                });
                var page = await context.NewPageAsync();
                page.Console += (_, said) =>
                {
                    var isMeant = page.Url.EndsWith("no-such-page", StringComparison.Ordinal);
                    if (said.Type is "error" or "warning" && !isMeant) complaints.Add($"{page.Url}: {said.Text}");
                };
                foreach (var scene in scenes.Where(one => width == NarrowPixels || !one.OnlyNarrow)) await ShootAsync(page, scene, $"{theme}-{width}");
            }
        }
    }

    private async Task ShootAsync(IPage page, Scene scene, string how)
    {
        var name = scene.Name;
        await page.GotoAsync(scene.Address);
        await page.Locator("h1").WaitForAsync();
        await Assertions.Expect(page.Locator(".loading")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        if (name.StartsWith("overview", StringComparison.Ordinal))
            await page.Locator(".chart polyline").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await Assertions.Expect(page.GetByText("It is being looked at.")).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        if (scene.Act is not null) await scene.Act(page);
        if (scene is { Act: not null, OnlyNarrow: false }) await page.Locator(".mud-dialog").WaitForAsync();
        if (name == "namespaces-new") await page.Locator(".mud-dialog input[name=Name]").WaitForAsync();
        if (axe is not null) complaints.AddRange(await CheckAsync(page, axe, $"{name} {how}"));
        var overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (overflow > 0) complaints.Add($"{name} {how}: {overflow} pixels too wide");
        var file = Path.Combine(folder, $"{name}-{how}.png");
        var isWhole = name is not ("browse-100000" or "namespaces-new") && scene.Act is null;
        await page.ScreenshotAsync(new() { Path = file, Animations = ScreenshotAnimations.Disabled, FullPage = isWhole });
        if (name != "browse-100000") return;
        await page.Locator(".rows").EvaluateAsync("rows => rows.scrollTop = rows.scrollHeight");
        await page.GetByText("frame-099999.exr").WaitForAsync();
    }

    private static Func<IPage, Task> Press(string button) => page => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

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
        await client.CreateNamespaceAsync("media", NamespaceConfig.Default with { Goal = 2 });
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
        await media.CreateDirectoryAsync(GofsPath.Parse("/render"));
        await ConsoleFigures.FillAsync(media, 100_000);
    }

    /// <summary>A page, and what is done there before the picture is taken.</summary>
    private sealed record Scene(string Name, string Address, Func<IPage, Task>? Act = null, bool OnlyNarrow = false);
}
