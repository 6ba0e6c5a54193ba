using CsCheck;
using Gofs.Chunks;
using Gofs.Grains.Chunks.Healing;
using Xunit;

namespace Gofs.Tests.Chunks.Healing;

/// <summary>Which of a table's chunks are moved first.</summary>
public sealed class MoveCandidatesTests
{
    [Fact]
    public void LongestOfThoseThatFitGoesFirst_AndEachOnce() => Gen.Select(Gen.Int, Gen.Long[0, 5].Array[0, 40]).Sample((seed, lengths) =>
    {
        var candidates = new MoveCandidates(capacity: 64, new(seed));
        for (var i = 0; i < lengths.Length; i++) candidates.See(Handle(i));
        for (var i = 0; i < lengths.Length; i++) candidates.Measure(Handle(i), lengths[i]);
        List<long> taken = [];
        while (candidates.TryTakeLongest(one => NumberOf(one) % 2 == 0, out var handle)) taken.Add(lengths[NumberOf(handle)]);
        Assert.Equal(lengths.Where((_, i) => i % 2 == 0).OrderDescending(), taken);
        Assert.Equal(lengths.Where((_, i) => i % 2 == 1).Append(0).Max(), candidates.LongestBytes);
    });

    [Fact]
    public void EachIsMeasuredOnce_AtMostSoManyTogether_AndOneWithoutALengthStillGoes()
    {
        var candidates = new MoveCandidates(capacity: 64, new(1));
        for (var i = 0; i < 10; i++) candidates.See(Handle(i));
        HashSet<ChunkHandle> measured = [];
        while (candidates.NotMeasured(4, one => one != Handle(7)) is { Length: > 0 } some)
        {
            Assert.InRange(some.Length, 1, 4);
            foreach (var handle in some)
            {
                Assert.True(measured.Add(handle));
                candidates.Measure(handle, 0);
            }
        }

        Assert.Equal(9, measured.Count);
        Assert.True(candidates.TryTakeLongest(one => one == Handle(7), out var last));
        Assert.Equal(Handle(7), last);
        candidates.Measure(last, 9);
        Assert.Equal(0, candidates.LongestBytes);
    }

    [Fact]
    public void OfMoreThanItHolds_AnyIsAsLikely()
    {
        var seen = new int[100];
        for (var seed = 0; seed < 400; seed++)
        {
            var candidates = new MoveCandidates(capacity: 10, new(seed));
            for (var i = 0; i < seen.Length; i++) candidates.See(Handle(i));
            Assert.Equal(seen.Length, candidates.Seen);
            foreach (var handle in candidates.NotMeasured(100, _ => true)) seen[NumberOf(handle)]++;
        }

        Assert.Equal(4000, seen.Sum());
        Assert.All(seen, count => Assert.InRange(count, 15, 75)); // 40 are expected, 6 is the standard deviation
    }

    private static ChunkHandle Handle(int number) => ChunkHandle.Create(1, 0, number + 1);

    private static int NumberOf(ChunkHandle handle) => (int)handle.Counter - 1;
}
