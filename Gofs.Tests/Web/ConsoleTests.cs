using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Gofs.Cluster;
using Gofs.Tests.EndToEnd;
using Gofs.Tests.Metrics;
using Gofs.Web.Hosting;
using Microsoft.Playwright;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>The console as it is: a real silo, and for what a person does, a real browser.</summary>
public sealed partial class ConsoleTests(ConsoleTests.Fixture fixture) : IClassFixture<ConsoleTests.Fixture>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Person_UploadsBrowsesRenamesDeletesAndRestores()
    {
        await using var person = await ConsolePerson.StartAsync(fixture.Address);
        var page = person.Page;
        await fixture.Client.CreateNamespaceAsync("desk", cancellation: Stop);

        await page.GotoAsync("");
        await Assertions.Expect(page.Locator("[data-health]")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "desk" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This directory is empty.")).ToBeVisibleAsync();

        await person.MakeDirectoryAsync("reports");
        await person.OpenRowAsync("reports");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "reports" })).ToBeVisibleAsync();

        var bytes = new byte[(9 << 20) + 123];
        new Random(7).NextBytes(bytes);
        var folder = Directory.CreateTempSubdirectory("gofs-console-");
        try
        {
            var file = Path.Combine(folder.FullName, "year.bin");
            await File.WriteAllBytesAsync(file, bytes, Stop);
            await person.UploadAsync(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Assert.Contains("path=/reports/year.bin", page.Url, StringComparison.Ordinal);
        var (name, downloaded) = await person.DownloadAsync();
        Assert.Equal("year.bin", name);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await File.ReadAllBytesAsync(downloaded, Stop)));
        await person.MoveAsync("last-year.bin");
        await person.DeleteAsync();
        await person.RestoreAsync("desk", "/reports/last-year.bin");
        using var back = new MemoryStream();
        await fixture.Client.Namespace("desk").GetAsync(GofsPath.Parse("/reports/last-year.bin"), back, cancellation: Stop);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(back.ToArray()));
        Assert.Empty(person.Complaints);
    }

    [Fact]
    public async Task PageWhoseFirstConnectionFails_IsLoadedAgain()
    {
        await using var person = await ConsolePerson.StartAsync(fixture.Address);
        await person.Page.Clock.InstallAsync();
        await person.Page.RouteAsync("**/_blazor/negotiate*", route => route.AbortAsync(), new() { Times = 1 });
        await person.Page.GotoAsync("settings");
        await Assertions.Expect(person.Page.GetByText("Connecting to the silo")).ToBeVisibleAsync();
        await person.Page.Clock.FastForwardAsync("00:40");
        await Assertions.Expect(person.Page.GetByRole(AriaRole.Heading, new() { Name = "Settings", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Download_HasRanges_AndIsNotGivenToOtherSites()
    {
        await fixture.Client.CreateNamespaceAsync("ranges", cancellation: Stop);
        var bytes = new byte[3 << 20];
        new Random(3).NextBytes(bytes);
        await fixture.Client.Namespace("ranges").PutAsync(GofsPath.Parse("/a.bin"), new MemoryStream(bytes), cancellation: Stop);
        using var part = new HttpRequestMessage(HttpMethod.Get, "files/ranges?path=/a.bin");
        part.Headers.Range = new RangeHeaderValue(1_000_000, 1_999_999);
        using var got = await fixture.Http.SendAsync(part, Stop);
        Assert.Equal(HttpStatusCode.PartialContent, got.StatusCode);
        Assert.Equal("attachment", got.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(bytes[1_000_000..2_000_000], await got.Content.ReadAsByteArrayAsync(Stop));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "files/ranges?path=/a.bin") { Headers = { { "Sec-Fetch-Site", "cross-site" } } };
        using var refused = await fixture.Http.SendAsync(foreign, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task MetricsAndHealth_AreServedBesideThePages()
    {
        await fixture.Client.CreateNamespaceAsync("measured", cancellation: Stop);
        var tree = fixture.Client.Namespace("measured");
        await tree.PutAsync(GofsPath.Parse("/a.bin"), new MemoryStream(new byte[3 << 20]), cancellation: Stop);
        await tree.GetAsync(GofsPath.Parse("/a.bin"), Stream.Null, cancellation: Stop);
        var scrape = await ScrapeAsync();
        // A request is counted after it was answered, and the client may be here sooner.
        while (scrape.Sum("gofs_data_sent_bytes_total", ("operation", "read")) < 3 << 20)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            scrape = await ScrapeAsync();
        }

        Assert.True(scrape.Sum("gofs_data_received_bytes_total") >= 3 << 20);
        Assert.True(scrape.Sum("gofs_data_duration_seconds_count") > 0);
        Assert.True(scrape.Sum("gofs_data_connections") > 0);
        Assert.True(scrape.Sum("gofs_editlog_records_total") > 0);
        Assert.True(scrape.Sum("gofs_editlog_batch_count") > 0);
        Assert.True(scrape.Sum("gofs_namespace_operations_total", ("namespace", "measured")) > 0);
        Assert.True(scrape.Sum("gofs_disk_free_bytes") > 0);
        Assert.Equal("ready", await fixture.Http.GetStringAsync("health/ready", Stop));
        Assert.Equal("live", await fixture.Http.GetStringAsync("health/live", Stop));
    }

    [Fact]
    public async Task Upload_NeedsThePagesToken_AndReplacesOnlyWhenTold()
    {
        await fixture.Client.CreateNamespaceAsync("uploads", cancellation: Stop);
        const string File = "files/uploads?path=/a.txt";
        using var without = await fixture.Http.PutAsync(File, new StringContent("one"), Stop);
        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        var token = Token().Match(await fixture.Http.GetStringAsync("", Stop)).Groups[1].Value;
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(File, "one", token));
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync(File, "two", token));
        Assert.Equal("one", await fixture.Http.GetStringAsync(File, Stop));
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(File + "&replace=true", "three", token));
        Assert.Equal("three", await fixture.Http.GetStringAsync(File, Stop));
        Assert.Equal(HttpStatusCode.BadRequest, await PutAsync("files/uploads?path=a.txt", "x", token));
        Assert.Equal(HttpStatusCode.NotFound, await PutAsync("files/nowhere?path=/a.txt", "x", token));
    }

    [Fact]
    public async Task SignIn_IsNeeded_AndWhoMayNotIsRefused_AndWhoMayIsRecorded()
    {
        await fixture.Client.CreateNamespaceAsync("guarded", cancellation: Stop);
        await fixture.Client.SetConsoleUserAsync("vera", ConsoleRole.Viewer, "vera's password", Stop);
        await fixture.Client.SetConsoleUserAsync("otto", ConsoleRole.Operator, "otto's password", Stop);
        var options = new ConsoleOptions { Address = new(IPAddress.Loopback, GofsProcess.FreePort()), Program = "gofs-silo", SignIn = true };
        await using var host = await ConsoleHost.StartAsync(options, fixture.Client, TimeProvider.System, Stop);
        var address = $"http://localhost:{options.Address.Port}/";
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("files/guarded?path=/a.txt", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("metrics", Stop)).StatusCode);
        Assert.Equal("ok", await http.GetStringAsync("healthz", Stop));
        using var forged = new FormUrlEncodedContent([new("name", "vera"), new("password", "vera's password")]);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("sign-in", forged, Stop)).StatusCode);

        await using var person = await ConsolePerson.StartAsync(address);
        var page = person.Page;
        await page.GotoAsync("metaserver");
        await person.SignInAsync("vera", "wrong password");
        await Assertions.Expect(page.GetByText("The name or the password is wrong.")).ToBeVisibleAsync();
        await person.SignInAsync("vera", "vera's password");
        await page.WaitForURLAsync("**/metaserver", new() { WaitUntil = WaitUntilState.Commit });
        var snapshot = page.GetByLabel("Namespace guarded").GetByRole(AriaRole.Button, new() { Name = "Write a Snapshot" });
        await snapshot.ClickAsync();
        await Assertions.Expect(page.GetByText("That is for operators, and vera is a viewer.")).ToBeVisibleAsync();
        await person.PressAsync("Sign out");
        await person.SignInAsync("otto", "otto's password");
        await Assertions.Expect(page.Locator("[data-health]")).ToBeVisibleAsync();
        await page.GotoAsync("metaserver");
        await snapshot.ClickAsync();
        await Assertions.Expect(page.GetByText("A Snapshot of guarded is written")).ToBeVisibleAsync();
        Assert.Equal(["otto"], (await fixture.Client.Namespace("guarded").ListAuditAsync(cancellation: Stop)).Select(act => act.By.User));
    }

    [Fact]
    public async Task BehindAProxyThatEndsTls_OneSignsIn_AndCookiesAreForHttpsOnly()
    {
        await fixture.Client.SetConsoleUserAsync("petra", ConsoleRole.Viewer, "petra's password", Stop);
        var options = new ConsoleOptions
        {
            Address = new(IPAddress.Loopback, GofsProcess.FreePort()), Program = "gofs-silo", Proxies = [new(IPAddress.Loopback, 32)],
        };
        await using var host = await ConsoleHost.StartAsync(options, fixture.Client, TimeProvider.System, Stop);
        using var quiet = new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false };
        using var http = new HttpClient(quiet) { BaseAddress = new Uri($"http://localhost:{options.Address.Port}/") };
        http.DefaultRequestHeaders.Add("Origin", "https://gofs.example.org");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("sign-in", Stop)).StatusCode);

        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        http.DefaultRequestHeaders.Add("X-Forwarded-Host", "gofs.example.org");
        using var form = await http.GetAsync("sign-in", Stop);
        var cookie = form.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        var token = FormToken().Match(await form.Content.ReadAsStringAsync(Stop)).Groups[1].Value;
        using var signIn = new HttpRequestMessage(HttpMethod.Post, "sign-in")
        {
            Headers = { { "Cookie", cookie.Split(';')[0] } },
            Content = new FormUrlEncodedContent([new("name", "petra"), new("password", "petra's password"), new("__RequestVerificationToken", token)]),
        };
        using var signedIn = await http.SendAsync(signIn, Stop);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        var user = signedIn.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("gofs-console-user=", StringComparison.Ordinal));
        Assert.Contains("; secure", user, StringComparison.OrdinalIgnoreCase);
        http.DefaultRequestHeaders.Add("Cookie", user.Split(';')[0]);
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("_blazor/negotiate?negotiateVersion=1", null, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("--Silo:ConsoleAddress", "0.0.0.0")]
    [InlineData("--Silo:ConsoleSignIn", "true")]
    [InlineData("--Silo:ConsoleProxies:0", "127.0.0.1")]
    public async Task ConsoleThatNobodyCouldSignInTo_DoesNotStart(string setting, string value)
    {
        var port = GofsProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SiloProcess.StartAsync("--console-port", port, setting, value));
        Assert.Contains("nobody could sign in to the console", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "gofs.example")]
    [InlineData("Origin", "https://gofs.example")]
    [InlineData("Origin", "null")]
    public async Task StrangeNamesAndOrigins_AreRefused(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "");
        request.Headers.Add(header, value);
        using var answer = await fixture.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("healthz")]
    [InlineData("orleans/")]
    [InlineData("orleans/index.min.js")]
    [InlineData("orleans/DashboardCounters")]
    [InlineData("_content/MudBlazor/MudBlazor.min.css")]
    [InlineData("_content/Gofs.Web/fonts/inter.woff2")]
    [InlineData("_framework/blazor.web.js")]
    public async Task PagesAndTheirFiles_AreServedFromHere(string address)
    {
        using var answer = await fixture.Http.GetAsync(address, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task TakenPort_IsOneClearLine()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => SiloProcess.StartAsync("--console-port", fixture.Port));
        Assert.Contains($"can't listen on 127.0.0.1:{fixture.Port} (the console; --console-port says another", refused.Message, StringComparison.Ordinal);
    }

    private async Task<PrometheusText> ScrapeAsync() => PrometheusText.Parse(await fixture.Http.GetStringAsync("metrics", Stop));

    private async Task<HttpStatusCode> PutAsync(string address, string text, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, address) { Content = new StringContent(text), Headers = { { "X-Gofs-Forgery", token } } };
        using var answer = await fixture.Http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    [GeneratedRegex("name=\"gofs-forgery\" content=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    /// <summary>A silo with a console.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private SiloProcess? silo;

        /// <summary>The console's port.</summary>
        public string Port { get; } = GofsProcess.FreePort().ToString(CultureInfo.InvariantCulture);

        /// <summary>Where it is.</summary>
        public string Address => $"http://localhost:{Port}/";

        /// <summary>A client of the silo.</summary>
        public GofsClient Client { get; private set; } = null!;

        /// <summary>Asks the console without a browser.</summary>
        public HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            silo = await SiloProcess.StartAsync("--console-port", Port, "--Silo:OrleansDashboard", "true");
            Client = await GofsClient.ConnectAsync(silo.ClientOptions with { ConnectTimeout = TimeSpan.FromMinutes(1) });
            Http = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(1) };
        }

        public async ValueTask DisposeAsync()
        {
            Http?.Dispose();
            if (Client is not null) await Client.DisposeAsync();
            if (silo is not null) await silo.DisposeAsync();
        }
    }
}
