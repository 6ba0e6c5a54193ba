using CsCheck;
using Gofs.Chunks;
using Gofs.Grains.Maintenance.Fsck;
using Xunit;

namespace Gofs.Tests.Maintenance.Fsck;

/// <summary>The sets that a check keeps of inodes and chunks are sets.</summary>
public sealed class NumberSetTests
{
    [Fact]
    public void AnyChanges_LeaveTheSetThatASetWouldBe() =>
        Gen.Select(Gen.Long[0, 200_000], Gen.Bool).Array[0, 300].Sample(changes =>
        {
            var (set, model) = (new NumberSet(), new SortedSet<long>());
            foreach (var (number, adds) in changes)
                Assert.Equal(adds ? model.Add(number) : model.Remove(number), adds ? set.Add(number) : set.Remove(number));
            Assert.Equal(model, set.All());
            Assert.Equal(model.Count, set.Count);
            Assert.All(changes, change => Assert.Equal(model.Contains(change.Item1), set.Contains(change.Item1)));
        });

    [Fact]
    public void Handles_ComeBackByTable_AndOthersArePassedOver()
    {
        var set = new HandleSet(7, shards: 2);
        ChunkHandle[] some = [ChunkHandle.Create(7, 0, 5), ChunkHandle.Create(7, 0, ChunkHandle.MaxCounter), ChunkHandle.Create(7, 1, 1)];
        foreach (var handle in some.Reverse()) set.Add(handle);
        ChunkHandle[] others = [ChunkHandle.None, ChunkHandle.Create(8, 0, 5), ChunkHandle.Create(7, 2, 1), ChunkHandle.Create(7, 1, 2)];
        foreach (var other in others) set.Remove(other);
        Assert.Equal(some, set.All());
        set.Remove(some[1]);
        Assert.Equal([some[0], some[2]], set.All());
        Assert.Equal(2, set.Count);
    }
}
