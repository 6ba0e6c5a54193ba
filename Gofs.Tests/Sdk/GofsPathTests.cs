using System.Text;
using CsCheck;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class GofsPathTests
{
    private static readonly byte[][] Special = [[], "."u8.ToArray(), ".."u8.ToArray(), "..."u8.ToArray(), [0xFF, 0xFE]];

    /// <summary>Bytes of a name, any but '/' and NUL, UTF-8 or not; also the special ones.</summary>
    private static readonly Gen<byte[]> Name = Gen.Frequency(
        (5, Gen.Byte[1, 255].Array[1, 20].Select(bytes => bytes.Select(one => one == '/' ? (byte)'x' : one).ToArray())),
        (1, Gen.Int[0, Special.Length - 1].Select(at => Special[at])));

    private static readonly Gen<byte[]> Raw = Name.Array[0, 12].Select(names =>
        names.Aggregate("/"u8.ToArray(), (path, name) => [.. path, .. name, (byte)'/']));

    [Fact]
    public void Normalization_IsIdempotent_AndKeepsBytes() => Raw.Sample(raw =>
    {
        var path = GofsPath.FromBytes(raw);
        var again = GofsPath.FromBytes(path.Bytes);
        Assert.True(path == again && path.GetHashCode() == again.GetHashCode());
        Assert.Equal(Model(raw), path.Bytes.ToArray());
        var rebuilt = GofsPath.Root;
        foreach (var name in path) rebuilt = rebuilt.Append(name);
        Assert.Equal(path, rebuilt);
        Assert.True(path.IsRoot ? path.Parent.IsRoot && path.Name.Length == 0 : path.Parent.Append(path.Name) == path);
    });

    [Fact]
    public void Text_RoundTrips() => Gen.String[Gen.Char.Where(c => c is not ('/' or '\0') && !char.IsSurrogate(c)), 1, 40]
        .Where(name => name is not ("." or ".."))
        .Sample(name =>
        {
            var path = GofsPath.Root.Append("d").Append(name);
            Assert.Equal("/d/" + name, path.ToString());
            Assert.Equal(name, path.NameText);
            Assert.Equal(path, GofsPath.Parse(path.ToString()));
        });

    [Fact]
    public void Limits_AreBytes()
    {
        var longest = new string('ä', 127) + "x";
        Assert.Equal(255, GofsPath.Parse("/" + longest).Name.Length);
        Refuse(GofsError.NameTooLong, "/" + longest + "x");
        var deep = string.Concat(Enumerable.Repeat("/" + new string('n', 255), 16));
        Assert.Equal(GofsPath.MaxPathBytes, GofsPath.Parse(deep).Bytes.Length);
        Refuse(GofsError.NameTooLong, deep + "/x");
        Assert.Equal(GofsPath.MaxPathBytes, GofsPath.Parse(deep + "///./x/..").Bytes.Length);
        Assert.Equal(GofsError.NameTooLong, Assert.Throws<GofsException>(() => GofsPath.Parse(deep).Append("x")).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("./a")]
    [InlineData("/a\0b")]
    public void Malformed_IsRefused(string text) => Refuse(GofsError.InvalidPath, text);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    public void Names_ThatCannotBeStored_AreRefused(string name) =>
        Assert.Equal(GofsError.InvalidPath, Assert.Throws<GofsException>(() => GofsPath.Root.Append(name)).Error);

    [Theory]
    [InlineData("/..", "/")]
    [InlineData("/../../a", "/a")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/a/b/../../c/.", "/c")]
    [InlineData("//a///b//", "/a/b")]
    [InlineData("/...", "/...")]
    public void DotDot_NeverLeavesTheRoot(string text, string expected) => Assert.Equal(expected, GofsPath.Parse(text).ToString());

    [Fact]
    public void BytesThatAreNotUtf8_AreKept_AndShownAsReplacement()
    {
        var path = GofsPath.FromBytes([(byte)'/', 0xFF, (byte)'a']);
        Assert.Equal([0xFF, (byte)'a'], path.Name.ToArray());
        Assert.Equal("\uFFFDa", path.NameText);
        Assert.NotEqual(path, GofsPath.Parse(path.ToString()));
    }

    [Fact]
    public void Default_IsTheRoot() => Assert.Equal(GofsPath.Root, default);

    private static void Refuse(GofsError error, string text) => Assert.Equal(error, Assert.Throws<GofsException>(() => GofsPath.Parse(text)).Error);

    private static byte[] Model(byte[] raw)
    {
        // Latin-1 maps each byte to one character and back.
        var names = new List<string>();
        foreach (var name in Encoding.Latin1.GetString(raw).Split('/'))
        {
            if (name is "" or ".") continue;
            if (name != "..") names.Add(name);
            else if (names.Count > 0) names.RemoveAt(names.Count - 1);
        }

        return Encoding.Latin1.GetBytes("/" + string.Join('/', names));
    }
}
