using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>
/// What a person does at the console, in a browser. What the browser's own console complains of is kept; what it asked for, what it was answered and what it
/// showed at the end is told to the test's output, which a test that fails prints.
/// </summary>
internal sealed class ConsolePerson : IAsyncDisposable
{
    private const float Patience = 60_000;
    private const float LastLook = 2_000;
    private readonly ConsoleBrowser browser;
    private readonly IBrowserContext context;
    private readonly List<string> complaints = [];
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private ITestOutputHelper? output = TestContext.Current.TestOutputHelper;

    private ConsolePerson(ConsoleBrowser browser, IBrowserContext context, IPage page) => (this.browser, this.context, Page) = (browser, context, page);

    public IPage Page { get; }

    public IReadOnlyList<string> Complaints => complaints;

    public static async Task<ConsolePerson> StartAsync(string address)
    {
        var browser = await ConsoleBrowser.StartAsync();
        var context = await browser.Browser.NewContextAsync(new() { BaseURL = address, AcceptDownloads = true });
        context.SetDefaultTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        var person = new ConsolePerson(browser, context, await context.NewPageAsync());
        person.Listen(person.Page);
        return person;
    }

    /// <summary>Opens another page beside.</summary>
    public async Task<IPage> OpenAsync(string address)
    {
        var page = await context.NewPageAsync();
        Listen(page);
        await page.GotoAsync(address);
        return page;
    }

    public async Task SignInAsync(string name, string password)
    {
        await Page.Locator("input[name=name]").FillAsync(name);
        await Page.Locator("input[name=password]").FillAsync(password);
        await PressAsync("Sign in");
    }

    public async Task MakeDirectoryAsync(string name)
    {
        await PressAsync("New directory");
        await Page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Make", Exact = true }).ClickAsync();
        await RowOf(name).WaitForAsync();
    }

    /// <summary>Goes into a directory, or to a file's details.</summary>
    public Task OpenRowAsync(string name) => RowOf(name).ClickAsync();

    /// <summary>Uploads a file of this machine into the directory that is shown, and opens it.</summary>
    public async Task UploadAsync(string file)
    {
        await Page.Locator("input[type=file]").SetInputFilesAsync(file);
        await OpenRowAsync(Path.GetFileName(file));
        await Assertions.Expect(Page.Locator("aside")).ToContainTextAsync($"{new FileInfo(file).Length:#,0} bytes");
    }

    /// <summary>Downloads the file that is open; answers where it is.</summary>
    public async Task<(string Name, string Path)> DownloadAsync()
    {
        var download = await Page.RunAndWaitForDownloadAsync(() => Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        return (download.SuggestedFilename, await download.PathAsync());
    }

    /// <summary>Gives the file that is open another name.</summary>
    public async Task MoveAsync(string name)
    {
        await Details("Move");
        await Page.GetByLabel("New path").FillAsync(name);
        await InDialogAsync("Move");
        await Assertions.Expect(Page.Locator("a.row")).ToHaveTextAsync(new Regex($"^\\s*{Regex.Escape(name)}"));
    }

    /// <summary>Deletes the file that is open: it goes to the trash.</summary>
    public async Task DeleteAsync()
    {
        await Details("Delete");
        await InDialogAsync("Delete");
        await Assertions.Expect(Page.Locator("a.row")).ToHaveCountAsync(0);
    }

    /// <summary>Restores the only item of a namespace's trash.</summary>
    public async Task RestoreAsync(string space, string path)
    {
        await Page.GotoAsync($"trash?space={space}");
        await PressAsync($"Restore {path}");
        await Assertions.Expect(Page.GetByText("The trash is empty.")).ToBeVisibleAsync();
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public Task InDialogAsync(string button) => Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public async ValueTask DisposeAsync()
    {
        await TellPageAsync();
        await context.DisposeAsync();
        await browser.DisposeAsync();
        lock (complaints) output = null;
    }

    private ILocator RowOf(string name) => Page.Locator("a.row", new() { HasText = name });

    private Task Details(string button) => Page.Locator("aside").GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();

    private void Listen(IPage page)
    {
        page.Console += (_, said) =>
        {
            Tell($"{said.Type}: {said.Text}");
            if (said.Type == "error") complaints.Add($"{page.Url}: {said.Text}");
        };
        page.PageError += (_, failed) => Tell($"failed: {failed}");
        page.Request += (_, asked) => Tell($"asks {asked.Method} {asked.Url}");
        page.Response += (_, answer) => Tell($"answered {answer.Status} {answer.Url}");
        page.RequestFailed += (_, asked) => Tell($"not answered {asked.Url}: {asked.Failure}");
        page.WebSocket += (_, socket) =>
        {
            Tell($"opens {socket.Url}");
            socket.Close += (_, _) => Tell($"closed {socket.Url}");
            socket.SocketError += (_, why) => Tell($"broken {socket.Url}: {why}");
        };
    }

    private async Task TellPageAsync()
    {
        try
        {
            Tell($"shows {Page.Url}: {await Page.InnerTextAsync("body", new() { Timeout = LastLook })}");
        }
        catch (Exception failed) when (failed is PlaywrightException or TimeoutException)
        {
            Tell($"shows {Page.Url}: {failed.Message}");
        }
    }

    // The browser tells from its own threads, and sometimes after the test has ended, when nobody listens.
    private void Tell(string what)
    {
        lock (complaints) output?.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s {what}");
    }
}
