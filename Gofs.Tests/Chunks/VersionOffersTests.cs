using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

public sealed class VersionOffersTests
{
    private static readonly ChunkHandle Handle = ChunkHandle.Create(1, 0, 7);
    private static readonly ServerId Server = new("a");
    private readonly VersionOffers offers = new();

    [Fact]
    public void VersionThatWasOffered_IsNeverOfferedAgain_UntilItCounts()
    {
        var first = offers.Next(Handle, ChunkVersion.First, owner: 5);
        offers.End(Handle, ChunkVersion.First);
        var second = offers.Next(Handle, ChunkVersion.First, owner: 5);
        Assert.True(ChunkVersion.First < first && first < second);
        offers.End(Handle, second);
        Assert.True(offers.Next(Handle, second, owner: 5) > second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(1_000_000_000)]
    public void OwnersThatFollowEachOther_NeverOfferTheSame(int owner)
    {
        for (var counts = 1; counts < 50; counts++)
        {
            var former = new VersionOffers();
            ChunkVersion[] byFormer = [.. Enumerable.Range(0, 20).Select(_ => former.Next(Handle, new(counts), owner))];
            for (var later = 1; later < 16; later++)
            {
                var next = new VersionOffers();
                for (var i = 0; i < 20; i++) Assert.DoesNotContain(next.Next(Handle, new(counts), owner + later), byFormer);
            }
        }
    }

    [Fact]
    public void ReportWhileVersionsAreOffered_IsKept_TheLastOfEachServer()
    {
        offers.Hear(Handle, Server, new(2));
        offers.Hear(Handle, Server, new(3));
        offers.Hear(Handle, new("b"), new(2));
        offers.Hear(Handle, new("c"), new(2));
        offers.Hear(Handle, new("c"), null);
        Assert.Equal(
            [(Server, new ChunkVersion(3)), (new("b"), new ChunkVersion(2)), (new("c"), (ChunkVersion?)null)], offers.End(Handle, ChunkVersion.First));
        Assert.Empty(offers.End(Handle, ChunkVersion.First));
    }
}
