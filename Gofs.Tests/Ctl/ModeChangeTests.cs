using Gofs.Ctl.CommandLine;
using Gofs.Ctl.Targets;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class ModeChangeTests
{
    [Theory]
    [InlineData("644", "755", "644")]
    [InlineData("4755", "644", "4755")]
    [InlineData("u+x", "644", "744")]
    [InlineData("+x", "644", "755")]
    [InlineData("+w", "444", "644")]
    [InlineData("a+w", "444", "666")]
    [InlineData("go-rwx", "777", "700")]
    [InlineData("u=rw,go=r", "777", "644")]
    [InlineData("g=u", "740", "770")]
    [InlineData("u+s,+t", "755", "5755")]
    [InlineData("a=", "777", "0")]
    [InlineData("a+X", "644", "644")]
    [InlineData("a+X", "744", "755")]
    [InlineData("ug+r-w+x", "222", "552")]
    public void Change_IsAsChmodDoesIt(string change, string before, string after) => Assert.Equal(
        after, Convert.ToString(ModeChange.Parse(change).Apply(Convert.ToInt32(before, 8), isDirectory: false), 8));

    [Fact]
    public void Directories_GetCapitalX_AndKeepSetIds()
    {
        Assert.Equal("755", Convert.ToString(ModeChange.Parse("a+X").Apply(0x1A4, isDirectory: true), 8));
        Assert.Equal("2755", Convert.ToString(ModeChange.Parse("g=rx").Apply(0x5ED, isDirectory: true), 8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("77777")]
    [InlineData("u")]
    [InlineData("u+q")]
    [InlineData("x+r")]
    [InlineData("u+x,")]
    [InlineData("u+ug")]
    public void OtherText_IsRefused(string text) => Assert.Throws<UsageException>(() => ModeChange.Parse(text));
}
