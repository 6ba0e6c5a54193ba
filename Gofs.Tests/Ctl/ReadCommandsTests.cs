using CsCheck;
using Gofs.Ctl.Commands;
using Gofs.Ctl.Shell;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class ReadCommandsTests
{
    [Fact]
    public void LastLines_BeginWhereTailSays() => Gen.Select(
        Gen.Char["ab\n"].Array[0, 200], Gen.Int[0, 12], Gen.Int[1, 4]).Sample(async (chars, lines, repeat) =>
    {
        // Long lines too, so that the pieces that are read end inside them.
        var text = new string(chars).Replace("a", new string('a', repeat * 1000), StringComparison.Ordinal);
        var ended = text.EndsWith('\n') || text.Length == 0 ? text : text + "\n";
        var all = ended.Split('\n')[..^1];
        var expected = string.Concat(all.TakeLast(lines).Select(line => line + "\n"));
        if (ended.Length != text.Length && lines > 0) expected = expected[..^1];
        var start = await ReadCommands.StartOfLastLinesAsync(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)), lines, CancellationToken.None);
        Assert.Equal(expected, text[(int)start..]);
    }, iter: 300);

    [Fact]
    public async Task Script_IsReadLineByLine_OfAnyBytes_AndItsLastLineNeedsNoNewline()
    {
        using var lines = new ScriptLines(new MemoryStream([.. "ls \n\nx"u8, 0xFF, .. new byte[5000].Select(_ => (byte)'y')]), 10_000);
        Assert.Equal("ls ", await lines.ReadAsync());
        Assert.Equal("", await lines.ReadAsync());
        Assert.Equal($"x\uDCFF{new string('y', 5000)}", await lines.ReadAsync());
        Assert.Null(await lines.ReadAsync());
    }
}
