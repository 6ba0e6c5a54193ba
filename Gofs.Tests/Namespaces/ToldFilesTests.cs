using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

public sealed class ToldFilesTests
{
    private static readonly InodeNumber File = new(7);

    [Fact]
    public void WordOfAFormerGrainThatArrivesLate_IsNoNews()
    {
        var told = new ToldFiles();
        Assert.True(told.IsNews(File, 3));
        Assert.True(told.IsNews(File, 5));
        Assert.False(told.IsNews(File, 4));
        Assert.True(told.IsNews(File, 5), "the same may be said again");
        Assert.True(told.IsNews(new(8), 4), "it is another file's");
        Assert.True(told.IsNews(File, 0), "nobody said how old it is");
        Assert.False(told.IsNews(File, 4));
    }

    [Fact]
    public void OnlyTheFilesThatToldLast_AreKnown()
    {
        var told = new ToldFiles(most: 2);
        foreach (var inode in (long[])[1, 2, 1, 3]) Assert.True(told.IsNews(new(inode), 9));
        Assert.True(told.IsNews(new(1), 8), "forgotten");
        Assert.False(told.IsNews(new(3), 8));
    }
}
