using System.Text;
using CsCheck;
using Gofs.Web.Browse;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>Paths in addresses lose nothing, whatever bytes they are.</summary>
public sealed class PathTextTests
{
    [Fact]
    public void AnyPath_ComesBackAsItWas() => Gen.Byte.Array[1, 60].Array[0, 6].Sample(names =>
    {
        var path = GofsPath.Root;
        foreach (var name in names)
        {
            byte[] clean = [.. name.Select(one => one is 0 or (byte)'/' ? (byte)'%' : one)];
            if (!clean.AsSpan().SequenceEqual("."u8) && !clean.AsSpan().SequenceEqual(".."u8)) path = path.Append(clean);
        }

        return PathText.Parse(PathText.Of(path)) == path;
    });

    [Fact]
    public void PlainNames_ReadAsTheyAre() => Assert.Equal("/Müller & Söhne/1 of 2.txt", PathText.Of(GofsPath.Parse("/Müller & Söhne/1 of 2.txt")));

    [Fact]
    public void OddBytes_AreEscaped() => Assert.Equal("/a%FF%25%0A", PathText.Of(GofsPath.FromBytes([.. "/a"u8, 0xff, .. "%\n"u8])));

    [Fact]
    public void WhatAPersonTypes_IsReadAsWellAsItCanBe()
    {
        Assert.Equal("/100%", Encoding.UTF8.GetString(PathText.Parse("/100%").Bytes));
        Assert.Equal("/a b", Encoding.UTF8.GetString(PathText.Parse("/a%20b").Bytes));
    }

    [Fact]
    public void NoPath_IsRefused() => Assert.Equal(GofsError.InvalidPath, Assert.Throws<GofsException>(() => PathText.Parse("docs")).Error);
}
