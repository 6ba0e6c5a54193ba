using Gofs.Files;
using Gofs.Internal;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>
/// What the simulation found (seed 42541): an asking for a lease arrived late at another grain of the file, which cut what had been written since.
/// </summary>
public sealed class LateAskingTests
{
    private static readonly InodeNumber File = new(21);

    [Fact]
    public void WriterWhoseBytesWereCutForALateAsking_IsNotToldThatTheyAreFlushed() => SimRun.Of(1, world => () =>
    {
        var network = new SimNetwork(world);
        var cluster = new SimChunkCluster(world, network, new(world, PlantedBug.None), PlantedBug.None, silos: 4) { Misled = 0 };
        var writer = new Writer(cluster);
        world.RunUntil(() => writer.Done > 0, TimeSpan.FromMinutes(1), "it has written");
        writer.CheckWork();
        Assert.Equal(GofsError.LeaseExpired, writer.Refused?.Error);
        return new(world.Trace, world.Steps, world.Now, 0, 0);
    });

    private sealed class Writer(SimChunkCluster cluster) : FileClient(cluster, "writer", 1)
    {
        public GofsException? Refused { get; private set; }

        protected override async Task UseAsync()
        {
            Stops = true;
            var (_, first) = await OpenAsync();
            await first.WriteAsync(0, new byte[1000], CancellationToken.None);
            await first.CloseAsync(null, CancellationToken.None);
            await first.DisposeAsync();
            var (late, pipeline) = await OpenAsync();
            // What is behind it sends it.
            await pipeline.WriteAsync(1000, new byte[40_000], CancellationToken.None);
            await Task.Delay(TimeSpan.FromMilliseconds(100), Process.Clock);
            Cluster.Forget(File);
            await Grain(File).AcquireLeaseAsync(late, CancellationToken.None);
            Cluster.Forget(File);
            Refused = await Record.ExceptionAsync(() => pipeline.FlushAsync(CancellationToken.None)) as GofsException;
            await Record.ExceptionAsync(() => pipeline.DisposeAsync().AsTask());
            Done++;
        }

        private async Task<(AcquireLease Late, WritePipeline Pipeline)> OpenAsync()
        {
            var opened = await Cluster.Names.OpenAsync(Process, File);
            var ask = new AcquireLease(NextLease(), SimNamespace.Name, FirstChunk: true)
            {
                WasOpen = opened.WasOpen, OpenedAt = opened.OpenedAt, IsPrepared = opened.IsPrepared, Goal = opened.Entry.Goal,
            };
            var next = ask with { LeaseId = ask.LeaseId.Next() };
            var lease = await LeasedFile.AcquireAsync(Context, PathOf(File), Grain(File), new(next), CancellationToken.None);
            return (ask, new(Context, PathOf(File), Grain(File), opened, lease, atomic: false));
        }
    }
}
