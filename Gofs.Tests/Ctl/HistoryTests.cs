using Gofs.Ctl.Shell;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class HistoryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gofs-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Lines_AreThereInTheNextShell_ForTheirOwnerOnly()
    {
        var path = Path.Combine(folder, "below", "history");
        var history = History.Load(path);
        foreach (var line in new[] { "ls", "ls", " secret", "", "cd \u00e4" }) history.Add(line);
        Assert.Equal(["ls", "cd \u00e4"], History.Load(path).Lines);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Null(history.Trouble);
    }

    [Fact]
    public void LongFile_IsCutToTheLastLines()
    {
        var path = Path.Combine(folder, "history");
        File.WriteAllLines(path, Enumerable.Range(0, 3000).Select(i => $"line {i}"));
        var lines = History.Load(path).Lines;
        Assert.Equal((History.MostLines, "line 2999"), (lines.Count, lines[^1]));
        Assert.Equal(History.MostLines, File.ReadAllLines(path).Length);
    }

    [Fact]
    public void FolderThatCannotBeMade_IsTold_AndTheLinesStay()
    {
        File.WriteAllText(Path.Combine(folder, "file"), "");
        var history = History.Load(Path.Combine(folder, "file", "history"));
        history.Add("ls");
        Assert.Equal(["ls"], history.Lines);
        Assert.Contains("not kept", history.Trouble, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/state", "/home/u", "/state/gofs/history")]
    [InlineData(null, "/home/u", "/home/u/.local/state/gofs/history")]
    [InlineData(null, null, null)]
    public void Place_IsTheUsersStateFolder(string? state, string? home, string? path) =>
        Assert.Equal(path, History.PathOf(name => name == "HOME" ? home : state));
}
