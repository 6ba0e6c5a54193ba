using Gofs.Chunks;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>Which replicas may take a version that an owner of the chunk table offers. Versions say whose they are: 81 is of owner 1, 98 of owner 2.</summary>
public sealed class VersionOwnersTests
{
    [Theory]
    [InlineData(81, 81, 98)] // it has the version that counts
    [InlineData(98, 81, 98)] // the same offer again
    [InlineData(98, 81, 114)] // an earlier offer of this owner, which others did not take
    [InlineData(97, 81, 98)] // the former owner's last offer, which nobody logged
    [InlineData(17, 1, 18)] // the same, where no version was ever logged
    public void ReplicaThatCounts_MayTakeIt(int current, int counts, int offered) => Assert.True(MayTake(current, counts, offered));

    [Theory]
    [InlineData(65, 81, 98)] // it missed the version that counts
    [InlineData(97, 98, 114)] // likewise: a former owner's offer came late to it
    [InlineData(113, 98, 114)] // likewise
    [InlineData(130, 81, 145)] // a later owner's version, which counts: found by the simulation (seed 3015)
    [InlineData(18, 1, 33)] // likewise, where this owner knows none that was logged
    [InlineData(114, 98, 99)] // it has a newer one
    public void ReplicaThatDoesNotCount_OrWhoseTableHasALaterOwner_MayNot(int current, int counts, int offered) =>
        Assert.False(MayTake(current, counts, offered));

    [Theory]
    [InlineData(1, 33, true)] // the first is nobody's
    [InlineData(81, 98, true)] // a former owner's
    [InlineData(82, 98, true)] // its own
    [InlineData(98, 113, false)] // a later owner's: whoever copied is none any more
    [InlineData(114, 98, false)] // newer than the copy
    public void Replica_IsReplacedByACopy_UnlessItsVersionIsOfALaterOwner(int current, int copied, bool may) =>
        Assert.Equal(may, VersionOwners.MayReplace(new(current), new(copied)));

    private static bool MayTake(int current, int counts, int offered) => VersionOwners.MayTake(new(current), new(counts), new(offered));
}
