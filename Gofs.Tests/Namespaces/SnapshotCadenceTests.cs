using Gofs.Grains.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

public sealed class SnapshotCadenceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(SnapshotCadence.FewestRecords * 2)]
    public void SmallTree_WaitsForTheFewestRecords(long names) => Assert.Equal(SnapshotCadence.FewestRecords, SnapshotCadence.RecordsBetween(names));

    [Theory]
    [InlineData(1_500_000)]
    [InlineData(10_000_000)]
    [InlineData(1_000_000_000)]
    public void LargeTree_WritesNoMoreThanTwoNamesForEachRecord(long names) => Assert.InRange(names, 1, 2L * SnapshotCadence.RecordsBetween(names) + 1);

    [Fact]
    public void AnyNumberOfNames_HasAnAnswer() => Assert.Equal(int.MaxValue / 2, SnapshotCadence.RecordsBetween(long.MaxValue));

    [Theory]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 2)]
    [InlineData(false, false, 1)]
    public void Master_LeavesItToItsStandby_AndForAsLongAgainToTheNext(bool wants, bool has, int times) =>
        Assert.Equal(SnapshotCadence.FewestRecords * times, SnapshotCadence.RecordsAtMaster(1_000, wants, has));
}
