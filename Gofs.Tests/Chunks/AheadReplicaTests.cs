using Gofs.Chunks;
using Gofs.Grains.Chunks;
using Xunit;

namespace Gofs.Tests.Chunks;

public sealed class AheadReplicaTests
{
    private const int Owner = 40;

    [Fact]
    public void OwnerThatMadeTheVersionCount_KnowsWhoTookIt()
    {
        Assert.Equal(AheadWorth.Good, Judge(Offered(by: Owner - 2), Offered(by: Owner), wasAmongAll: true));
        Assert.Equal(AheadWorth.Stale, Judge(Offered(by: Owner), Offered(by: Owner), wasAmongAll: false));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 15)]
    [InlineData(3, 9)]
    public void OfferOfAnOwnerThatFollowedTheOneThatLogged_WasToReplicasThatCount(int age, int ageOfCounts) =>
        Assert.Equal(AheadWorth.Good, Judge(Offered(Owner - age), Offered(Owner - ageOfCounts)));

    [Fact]
    public void OfferOfAnOwnerBeforeTheOneThatLogged_IsTakenUpOnlyWhenNobodyHasWhatCounts()
    {
        Assert.Equal(AheadWorth.Stale, Judge(Offered(Owner - 2), Offered(Owner - 1)));
        Assert.Equal(AheadWorth.Unknown, Judge(Offered(Owner - 2), Offered(Owner - 1), isAnyKnown: false));
    }

    [Fact]
    public void ChunkThatNobodyOfferedAVersionOf_HasOnlyReplicasThatCount() =>
        Assert.Equal(AheadWorth.Good, Judge(Offered(Owner - 15), ChunkVersion.First));

    private static ChunkVersion Offered(int by) => new VersionOffers().Next(ChunkHandle.Create(1, 0, 1), new(100), by);

    private static AheadWorth Judge(ChunkVersion version, ChunkVersion counts, bool? wasAmongAll = null, bool isAnyKnown = true) =>
        AheadReplica.Judge(version, counts, Owner, wasAmongAll, isAnyKnown);
}
