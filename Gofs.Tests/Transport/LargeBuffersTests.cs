using CsCheck;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Transport;

/// <summary>Buffers that have one owner each, however they come and go, and are no more than they may be.</summary>
public sealed class LargeBuffersTests
{
    private readonly LargeBuffers buffers = new();

    [Fact]
    public void Buffer_HasAtLeastWhatWasAskedFor_AndLessThanTwice_AndIsPinned() => Gen.Int[(LargeBuffers.LeastBytes / 2) + 1, LargeBuffers.MostBytes]
        .Sample(bytes =>
        {
            var buffer = buffers.Rent(bytes);
            Assert.InRange(buffer.Length, bytes, Math.Max((2 * bytes) - 1, LargeBuffers.LeastBytes));
            Assert.Equal(GC.MaxGeneration, GC.GetGeneration(buffer));
            buffers.Return(buffer);
        });

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(LargeBuffers.LeastBytes / 2)]
    [InlineData(LargeBuffers.MostBytes + 1)]
    public void SmallerAndLarger_AreTheRuntimesPools(int bytes)
    {
        var buffer = buffers.Rent(bytes);
        Assert.True(buffer.Length >= bytes);
        Assert.NotInRange(buffer.Length, LargeBuffers.LeastBytes, LargeBuffers.MostBytes);
        buffers.Return(buffer);
    }

    [Fact]
    public void Filled_ItHasAllThatAreKept_AndNoBufferTwice_AndTheUsedOneGoesOutFirst()
    {
        var used = buffers.Rent(LargeBuffers.MostBytes);
        buffers.Return(used);
        buffers.Fill();
        HashSet<byte[]> rented = new(ReferenceEqualityComparer.Instance);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Same(used, buffers.Rent(LargeBuffers.MostBytes));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(rented.Add(used));
        for (var i = 1; i < LargeBuffers.MostIdle; i++) Assert.True(rented.Add(buffers.Rent(LargeBuffers.MostBytes)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before - allocated, 0, LargeBuffers.MostBytes - 1);
        buffers.Fill();
        Assert.DoesNotContain(buffers.Rent(LargeBuffers.MostBytes), rented);
    }

    [Fact]
    public void RentAndReturn_InAnyOrder_NoBufferHasTwoOwners_AndTheLastThatCameBackGoesOutFirst() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 1000], Gen.Int[(LargeBuffers.LeastBytes / 2) + 1, LargeBuffers.MostBytes]).Array[0, 300].Sample(steps =>
        {
            var pool = new LargeBuffers();
            var idle = new Dictionary<int, Stack<byte[]>>();
            var rented = new List<byte[]>();
            foreach (var (takes, which, bytes) in steps)
            {
                if (takes || rented.Count == 0)
                {
                    var buffer = pool.Rent(bytes);
                    Assert.DoesNotContain(rented, other => ReferenceEquals(other, buffer));
                    if (idle.TryGetValue(buffer.Length, out var back) && back.TryPop(out var last)) Assert.Same(last, buffer);
                    rented.Add(buffer);
                    continue;
                }

                var returned = rented[which % rented.Count];
                rented.Remove(returned);
                pool.Return(returned);
                if (!idle.TryGetValue(returned.Length, out var same)) idle[returned.Length] = same = new();
                if (same.Count < LargeBuffers.MostIdle) same.Push(returned);
            }
        }, iter: 50);

    [Fact]
    public void MoreThanMayBeIdle_GoToTheCollector()
    {
        var first = Enumerable.Range(0, LargeBuffers.MostIdle + 10).Select(_ => buffers.Rent(LargeBuffers.LeastBytes)).ToList();
        foreach (var buffer in first) buffers.Return(buffer);
        var again = Enumerable.Range(0, LargeBuffers.MostIdle + 10).Select(_ => buffers.Rent(LargeBuffers.LeastBytes)).ToList();
        Assert.Equal(LargeBuffers.MostIdle, again.Count(buffer => first.Exists(before => ReferenceEquals(before, buffer))));
    }

    [Fact]
    public void ReturnedTwice_IsRefused_AndStaysWithOneOwner()
    {
        byte[] other = buffers.Rent(LargeBuffers.MostBytes), buffer = buffers.Rent(LargeBuffers.MostBytes);
        buffers.Return(buffer);
        buffers.Return(other);
        Assert.Throws<InvalidOperationException>(() => buffers.Return(buffer));
        Assert.Same(other, buffers.Rent(LargeBuffers.MostBytes));
        Assert.Same(buffer, buffers.Rent(LargeBuffers.MostBytes));
        Assert.NotSame(buffer, buffers.Rent(LargeBuffers.MostBytes));
    }

    [Fact]
    public void ArrayOfNoPool_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => buffers.Return(new byte[LargeBuffers.LeastBytes + 1]));
        Assert.Throws<ArgumentException>(() => buffers.Return(new byte[100]));
    }

    [Fact]
    public void ClearedOnReturn_WhenAskedFor()
    {
        var buffer = buffers.Rent(LargeBuffers.LeastBytes);
        buffer.AsSpan().Fill(7);
        buffers.Return(buffer, clearArray: true);
        Assert.DoesNotContain((byte)7, buffers.Rent(LargeBuffers.LeastBytes));
    }

    [Fact]
    public void ManyThreads_EachFindsWhatItWrote()
    {
        var threads = Enumerable.Range(1, 8).Select(number => new ThreadOfOwners(buffers, (byte)number)).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.All(threads, thread => Assert.Equal(0, thread.Foreign()));
    }

    // Takes a few buffers at a time, writes its number at both ends, looks later and gives them back.
    private sealed class ThreadOfOwners
    {
        private readonly Thread thread;
        private int foreign;

        public ThreadOfOwners(LargeBuffers buffers, byte number) => thread = new Thread(() =>
        {
            var random = new Random(number);
            for (var round = 0; round < 500; round++)
            {
                var mine = Enumerable.Range(0, 4).Select(_ => buffers.Rent(LargeBuffers.LeastBytes << random.Next(3))).ToArray();
                foreach (var buffer in mine) buffer[0] = buffer[^1] = number;
                Thread.Yield();
                foreach (var buffer in mine)
                {
                    if (buffer[0] != number || buffer[^1] != number) foreign++;
                    buffers.Return(buffer);
                }
            }
        });

        public void Start() => thread.Start();

        public int Foreign()
        {
            thread.Join();
            return foreign;
        }
    }
}
