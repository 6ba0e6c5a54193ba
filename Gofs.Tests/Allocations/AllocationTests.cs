using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.Metrics;
using Gofs.Tests.Namespaces;
using Gofs.Transport;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Xunit;

namespace Gofs.Tests.Allocations;

/// <summary>What is done for every request allocates nothing, once it has warmed up.</summary>
public sealed class AllocationTests
{
    private const int Times = 1000;

    [Fact]
    public void ResolvingAPath_AllocatesNothing()
    {
        var state = NamespaceStates.Empty(out _);
        state.Apply(new DirectoriesMade(default, 1, ["a"u8.ToArray(), "b"u8.ToArray()], 2, NamespaceStates.Owner, 1));
        for (var i = 0; i < 100; i++) state.Apply(new FileCreated(default, 3, [(byte)(i + 48)], 10 + i, NamespaceStates.Owner, Atomic: false, 1));
        var path = GofsPath.Parse("/a/b/0");
        Assert.Equal(10, PathResolution.InodeOf(state, path, followLast: true));
        AllocatesNothing(() => PathResolution.InodeOf(state, path, followLast: true));
    }

    [Fact]
    public void AddingARecord_AllocatesNothing()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer<NamespaceEvent>>();
        NamespaceEvent created = new FileCreated(default, 3, "name"u8.ToArray(), 10, NamespaceStates.Owner, Atomic: false, 1);
        var batch = RecordBatch.Rent();
        AllocatesNothing(() =>
        {
            batch.Add(serializer, created, StreamId.OfNamespace(1), 1);
            batch.CutTo(0);
        });
        batch.Return();
    }

    [Fact]
    public void WalkingAPath_AndChecksums_AllocateNothing()
    {
        var path = GofsPath.Parse("/some/where/deep/down");
        var bytes = new byte[4096];
        var names = 0;
        AllocatesNothing(() =>
        {
            foreach (var name in path) names += name.Length;
            names += (int)Crc32C.Compute(bytes) & 1;
        });
        Assert.True(names > 0);
    }

    [Fact]
    public async Task Metrics_ThatAreCollected_AllocateNothing()
    {
        await using var all = new AllInstruments();
        all.MeasureAll();
        var figures = new NamespaceFigures("demo");
        AllocatesNothing(() =>
        {
            all.Data.OnAnswered(FrameOp.Write, 4096, TimeSpan.FromMilliseconds(3));
            all.Data.OnSent(FrameOp.Read, 4096);
            all.Data.OnRefused(FrameOp.Append, GofsError.Busy);
            all.EditLog.OnCommitted(1, 100, 0, TimeSpan.FromMilliseconds(1));
            figures.Count(NamespaceOperation.Lookup);
            figures.CountRefused(NamespaceOperation.Rename);
        });
    }

    [Fact]
    public void Measure_SeesAnAllocation()
    {
        object? kept = null;
        Assert.True(BytesOf(() => kept = new byte[10]) >= Times * 10);
        GC.KeepAlive(kept);
    }

    private static void AllocatesNothing(Action action) => Assert.Equal(0, BytesOf(action));

    /// <summary>The least of a few runs: compiling the method a second time, when it is hot, is not its own.</summary>
    private static long BytesOf(Action action)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 10; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Times; i++) action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
