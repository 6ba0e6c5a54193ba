using Gofs.Ctl.CommandLine;
using Gofs.Ctl.Commands;
using Gofs.Ctl.Shell;
using Gofs.Ctl.Targets;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class CompleterTests : IAsyncDisposable
{
    private readonly Session session = new(isShell: true);

    public ValueTask DisposeAsync() => session.DisposeAsync();

    [Theory]
    [InlineData("l", "lease ln ls", 0)]
    [InlineData("ns c", "config create", 3)]
    [InlineData("ns show d", "data demo", 8)]
    [InlineData("ls --r", "--recursive", 3)]
    [InlineData("ls dem", "demo:/", 3)]
    [InlineData("ls gofs://d", "gofs://data/ gofs://demo/", 3)]
    [InlineData("ls demo:/s", "demo:/share/ demo:/sp ace", 3)]
    [InlineData("ls -l demo:/share/", "demo:/share/x", 6)]
    [InlineData("ls 'demo:/sp", "demo:/sp ace", 3)]
    [InlineData("find demo:/ --name x", "", 19)]
    [InlineData("mv demo:/share/x demo:/s", "demo:/share/ demo:/sp ace", 17)]
    [InlineData("chmod 6", "", 6)]
    [InlineData("chmod 644 demo:/sh", "demo:/share/", 10)]
    [InlineData("get demo:/sh", "demo:/share/", 4)]
    [InlineData("rm -- -", "", 6)]
    [InlineData("ls nobody:/x", "", 3)]
    [InlineData("bogus x", "", 6)]
    public async Task Word_IsCompleted(string line, string words, int start)
    {
        var completion = await CompleteAsync(line);
        Assert.Equal((words, start), (string.Join(' ', completion.Words), completion.Start));
    }

    [Fact]
    public async Task InTheShell_NamesAreRelative_AndCommandsOfTheShellAreThere()
    {
        session.Here = Target.Parse("demo:/");
        Assert.Equal(["share/", "sp ace"], (await CompleteAsync("ls s")).Words);
        Assert.Equal(["/share/", "/sp ace"], (await CompleteAsync("ls /s")).Words);
        Assert.Equal(["share/x"], (await CompleteAsync("ls share/")).Words);
        Assert.Equal(["pwd"], (await CompleteAsync("pw")).Words);
        Assert.Equal(["put", "pwd"], (await CompleteAsync("help p")).Words);
    }

    [Fact]
    public async Task PutsSource_IsLocal()
    {
        var folder = Directory.CreateTempSubdirectory("gofs-test-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "local"), "", TestContext.Current.CancellationToken);
            Directory.CreateDirectory(Path.Combine(folder, "lodge"));
            Assert.Equal([$"{folder}/local", $"{folder}/lodge/"], (await CompleteAsync($"put {folder}/lo")).Words);
            Assert.Equal([$"{folder}/local"], (await CompleteAsync($"get demo:/x {folder}/loc")).Words);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("abc abd", "ab")]
    [InlineData("abc", "abc")]
    [InlineData("\U0001F600 \U0001F601", "")]
    public void CommonStart_EndsAtACharacter(string words, string common) => Assert.Equal(common, LineReader.CommonStart(words.Split(' ')));

    private Task<Completion> CompleteAsync(string line) =>
        new Completer(AllCommands.MakeShellRoot(), session, new Names()).CompleteAsync(line, TestContext.Current.CancellationToken);

    private sealed class Names : IRemoteNames
    {
        public Task<IReadOnlyList<string>> NamespacesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>(["demo", "data", "other"]);

        public Task<IReadOnlyList<NameInDirectory>> NamesAsync(string namespaceName, GofsPath directory, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<NameInDirectory>>((namespaceName, directory.ToString()) switch
            {
                ("demo", "/") => [new("share", true), new("sp ace", false), new(".hidden", false), new("other", false)],
                ("demo", "/share") => [new("x", false)],
                _ => [],
            });
    }
}
