using System.Text.Json;
using Gofs.Ctl.Output;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class PrinterTests
{
    [Fact]
    public void Entry_AsJson_HasTheBytesOfANameThatIsNotUtf8()
    {
        byte[] name = [0xFF, (byte)'\n'];
        var entry = new Entry(new(7), EntryType.Symlink, 0x1FF, 1, 2, 3, 4, 1, name, "to"u8.ToArray(), false, 0);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            EntryJson.Write(writer, entry, Target.Parse("demo:/").At(GofsPath.Root.Append(name)));
            writer.WriteEndObject();
        }

        Assert.DoesNotContain((byte)'\n', stream.ToArray());
        using var read = JsonDocument.Parse(stream.ToArray());
        Assert.Equal("demo", read.RootElement.GetProperty("namespace").GetString());
        Assert.Equal("/\uFFFD\n", read.RootElement.GetProperty("path").GetString());
        Assert.Equal([(byte)'/', .. name], read.RootElement.GetProperty("pathBase64").GetBytesFromBase64());
        Assert.Equal(("symlink", "777", "to"), (Text("type"), Text("mode"), Text("target")));

        string? Text(string member) => read.RootElement.GetProperty(member).GetString();
    }

    [Theory]
    [InlineData("plain \u00e4 \U0001F600", "plain \u00e4 \U0001F600")]
    [InlineData("a\nb\tc\u001bd", @"a\nb\tc\x1bd")]
    public void Terminal_SeesNoControlCharacters(string text, string shown) => Assert.Equal(shown, Texts.Visible(text));

    [Fact]
    public void Terminal_SeesBytesThatAreNotUtf8AsNumbers() => Assert.Equal(@"a\xff", Texts.Visible("a\uDCFF"));

    [Fact]
    public void Failure_IsOneLine() =>
        Assert.Equal(@"/a\nb: no", Texts.Line(new GofsException(GofsError.NotFound, "no", "/a\nb")));
}
