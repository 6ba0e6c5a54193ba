using System.Text;
using Gofs.Ctl.CommandLine;
using Gofs.Ctl.Targets;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class TargetTests
{
    [Theory]
    [InlineData("gofs://demo/a/b", "demo", "/a/b", false)]
    [InlineData("gofs://demo", "demo", "/", false)]
    [InlineData("gofs://demo/", "demo", "/", true)]
    [InlineData("demo:/a/", "demo", "/a", true)]
    [InlineData("demo:/a//./b/../c", "demo", "/a/c", false)]
    [InlineData("demo:/with:/colon", "demo", "/with:/colon", false)]
    public void Remote_IsParsed(string text, string name, string path, bool slash)
    {
        var target = Target.Parse(text);
        Assert.Equal((name, path, slash), (target.Namespace, target.Path.ToString(), target.EndsWithSlash));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("/abs/file")]
    [InlineData("-")]
    [InlineData("./demo:/a")]
    [InlineData("Demo:/a")]
    [InlineData("demo:a")]
    public void EverythingElse_IsLocal(string text) => Assert.False(Target.Parse(text).IsRemote);

    [Theory]
    [InlineData("x", "/d/x")]
    [InlineData("../x", "/x")]
    [InlineData("/x", "/x")]
    [InlineData(".", "/d")]
    [InlineData("-", "/d/-")]
    [InlineData("other:/x", "/x")]
    public void InTheShell_TargetsAreRelativeToItsDirectory(string text, string path)
    {
        var here = Target.Parse("demo:/d");
        Assert.Equal(path, Target.ParseRemoteOnly(text, here).Path.ToString());
    }

    [Fact]
    public void WithoutDirectory_ARelativeTarget_IsRefused()
    {
        Assert.Throws<UsageException>(() => Target.ParseRemoteOnly("x", Target.Nowhere));
        Assert.Throws<UsageException>(() => Target.ParseRemoteOnly("x"));
        Assert.Equal("demo", Target.ParseRemoteOnly("demo:").Namespace);
    }

    [Fact]
    public void BytesThatAreNotUtf8_StayWhatTheyAre()
    {
        byte[] name = [(byte)'/', 0xFF, (byte)'a', 0xC3, 0x28];
        var target = Target.Parse("demo:" + PathText.Decode(name));
        Assert.Equal(name, target.Path.Bytes.ToArray());
        Assert.Equal(name, PathText.Encode(Target.Show("demo", target.Path)["gofs://demo".Length..]));
        Assert.Equal("/\uFFFDa\uFFFD(", Encoding.UTF8.GetString(target.Path.Bytes));
    }

    [Theory]
    [InlineData("100", '=', 100)]
    [InlineData("+10K", '+', 10240)]
    [InlineData("-1M", '-', 1048576)]
    public void SizeTest_IsParsed(string text, char relation, long bytes) => Assert.Equal(new SizeTest(relation, bytes), SizeTest.Parse(text));

    [Fact]
    public void SizeTest_ComparesAsItSays()
    {
        Assert.True(SizeTest.Parse("+10").Holds(11) && !SizeTest.Parse("+10").Holds(10));
        Assert.True(SizeTest.Parse("-10").Holds(9) && !SizeTest.Parse("-10").Holds(10));
        Assert.Throws<UsageException>(() => SizeTest.Parse("+"));
    }
}
