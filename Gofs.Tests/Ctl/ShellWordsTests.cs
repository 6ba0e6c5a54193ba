using CsCheck;
using Gofs.Ctl.CommandLine;
using Gofs.Ctl.Shell;
using Gofs.Ctl.Targets;
using Xunit;

namespace Gofs.Tests.Ctl;

public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("ls  -l\tdemo:/", "ls|-l|demo:/")]
    [InlineData("put 'a b' \"c d\" e\\ f", "put|a b|c d|e f")]
    [InlineData("a'b'\"c\"d", "abcd")]
    [InlineData("'it''s' \"\\\"\\\\\\n\"", "its|\"\\\\n")]
    [InlineData("''", "")]
    [InlineData("ls # comment", "ls")]
    [InlineData("ls a#b '#c'", "ls|a#b|#c")]
    [InlineData("$'a\\nb\\x41\\'' $x", "a\nbA'|$x")]
    [InlineData("'|' a|b", "||a|b")]
    public void Line_IsReadAsShDoes(string line, string words) => Assert.Equal(words, string.Join('|', ShellWords.Split(line)));

    [Theory]
    [InlineData("'open")]
    [InlineData("\"open")]
    [InlineData("$'open")]
    [InlineData("open\\")]
    [InlineData("cat a | wc")]
    [InlineData("cat a > b")]
    public void WhatCannotBeRun_IsRefused(string line) => Assert.Throws<UsageException>(() => ShellWords.Split(line));

    [Fact]
    public void QuotedWord_OfAnyBytes_IsReadAsItself() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        var word = PathText.Decode(bytes);
        var read = Assert.Single(ShellWords.Split(ShellWords.Quote(word)));
        Assert.Equal(bytes, PathText.Encode(read));
    });

    [Fact]
    public void QuotedWord_OfSpecialCharacters_IsReadAsItself() => Gen.Char["ab \\'\"#$|&;<>*?[]{}~`!\t\u00e4\u20ac"].Array[0, 12].Sample(chars =>
        Assert.Equal(new string(chars), Assert.Single(ShellWords.Split(ShellWords.Quote(new string(chars))))));

    [Theory]
    [InlineData("ls de", "de", 3)]
    [InlineData("ls ", "", 3)]
    [InlineData("", "", 0)]
    [InlineData("ls 'a b", "a b", 3)]
    [InlineData("ls a\\ ", "a ", 3)]
    public void TypedLine_GivesTheLastWord(string line, string word, int start)
    {
        var last = ShellWords.SplitTyped(line)[^1];
        Assert.Equal((word, start), (last.Text, last.Start));
    }
}
