using Gofs.Ctl.Targets;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class GlobTests
{
    [Theory]
    [InlineData("*.txt", "a.txt", true)]
    [InlineData("*.txt", ".txt", true)]
    [InlineData("*.txt", "a.txt.gz", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("*a*b*", "xxaxxbxx", true)]
    [InlineData("*ab", "aab", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[]]", "]", true)]
    [InlineData("[", "[", true)]
    [InlineData(@"\*", "*", true)]
    [InlineData(@"\*", "a", false)]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    public void Pattern_MatchesAsInAShell(string pattern, string name, bool matches) => Assert.Equal(matches, Glob.IsMatch(pattern, name));

    [Fact]
    public void ManyStars_TakeNoTimeToSpeakOf() => Assert.False(Glob.IsMatch(string.Concat(Enumerable.Repeat("*a", 60)) + "b", new string('a', 5000)));
}
