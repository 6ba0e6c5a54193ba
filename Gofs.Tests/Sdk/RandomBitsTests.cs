using System.Collections.Concurrent;
using Gofs.Internal;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>Op-ids must never meet: two that did would make one change pass for the other.</summary>
public sealed class RandomBitsTests
{
    [Fact]
    public void DrawnByManyThreads_AreAllDifferent()
    {
        const int Threads = 4, Each = RandomBits.Drawn * 20;
        var drawn = new ConcurrentBag<Guid>();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Each; i++) drawn.Add(RandomBits.Next());
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Equal(Threads * Each, drawn.Distinct().Count());
    }

    [Fact]
    public void EachOfThe128Bits_IsSometimesSetAndSometimesNot()
    {
        UInt128 ever = 0, always = UInt128.MaxValue;
        for (var i = 0; i < RandomBits.Drawn * 4; i++)
        {
            var bits = BitConverter.ToUInt128(RandomBits.Next().ToByteArray());
            ever |= bits;
            always &= bits;
        }

        Assert.Equal(UInt128.MaxValue, ever);
        Assert.Equal((UInt128)0, always);
    }
}
