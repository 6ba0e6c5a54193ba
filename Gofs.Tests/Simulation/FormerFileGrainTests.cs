using System.Reflection;
using Gofs.Files;
using Gofs.Grains.EditLogs;
using Gofs.Internal;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>What the simulation found: a file grain that has a successor and does not know it.</summary>
public sealed class FormerFileGrainTests
{
    private static readonly InodeNumber File = new(11);
    private static readonly MethodInfo Join = typeof(IFileGrain).GetMethod(nameof(IFileGrain.JoinAppendAsync))!;
    private static readonly MethodInfo Acquire = typeof(IFileGrain).GetMethod(nameof(IFileGrain.AcquireLeaseAsync))!;
    private static readonly MethodInfo GetLayout = typeof(IFileGrain).GetMethod(nameof(IFileGrain.GetLayoutAsync))!;

    // Seeds 13 and 33: it cut the last chunk to the length it knew, under a version it had got for that.
    [Fact]
    public void FormerFileGrain_CutsOffNothingThatItsSuccessorLogged() => SimRun.Of(1, world => () =>
    {
        var network = new SimNetwork(world);
        var cluster = new SimChunkCluster(world, network, new(world, PlantedBug.None), PlantedBug.None, silos: 4) { Misled = 0 };
        var (appends, writes) = (new AppendHistory(world), new WriteHistory(world));
        Append(world, cluster, appends, 3);
        var former = cluster.FileOf(File);
        cluster.Forget(File);
        Append(world, cluster, appends, 6);
        Assert.NotSame(former, cluster.FileOf(File));
        var join = network.AskAsync(new(world, "misled"), former.Lane, TimeSpan.FromSeconds(20), () => former.CallAsync(
            Join, [new JoinAppend(new(new(1, 2, 3, new byte[8])), WasOpen: false), CancellationToken.None]));
        Wait(world, join);
        Assert.IsType<GofsException>(join.Exception!.InnerException);
        var reader = new ReadingClient(cluster, appends, writes, [File], static _ => true, "reader");
        world.RunUntil(() => reader.Done > 0, TimeSpan.FromMinutes(1), "the file is read");
        return new(world.Trace, world.Steps, world.Now, 0, appends.Acknowledged);
    });

    // Seed 32675: it told a reader the length from before what its successor's writer had flushed.
    [Fact]
    public void FormerFileGrain_TellsNoReaderHowLongTheFileIs() => SimRun.Of(1, world => () =>
    {
        var network = new SimNetwork(world);
        var cluster = new SimChunkCluster(world, network, new(world, PlantedBug.None), PlantedBug.None, silos: 4) { Misled = 0 };
        var (appends, writes) = (new AppendHistory(world), new WriteHistory(world));
        Append(world, cluster, appends, 3);
        var reader = new ReadingClient(cluster, appends, writes, [File], static _ => true, "reader") { Stops = true };
        Wait(world, reader.ReadAsync(File));
        var (former, read) = (cluster.FileOf(File), world.Now);
        cluster.Forget(File);
        Wait(world, reader.ReadAsync(File));
        Assert.NotSame(former, cluster.FileOf(File));
        Assert.InRange(world.Now - read, 0, EditLogStream.FenceAge.Ticks); // nothing but a check would tell it
        var asked = network.AskAsync(new(world, "misled"), former.Lane, TimeSpan.FromSeconds(20), () => former.CallAsync(
            GetLayout, [0, 1, CancellationToken.None]));
        Wait(world, asked);
        Assert.IsType<GofsException>(asked.Exception!.InnerException);
        return new(world.Trace, world.Steps, world.Now, 0, appends.Acknowledged);
    });

    // It said "no file refers to the chunk", which nobody asks again after: its successor had let go of the chunk, as it does when it copies a shared one.
    [Fact]
    public void FormerFileGrain_WhoseSuccessorLetGoOfAChunk_SaysThatItIsNotTheOne() => SimRun.Of(1, world => () =>
    {
        var network = new SimNetwork(world);
        var cluster = new SimChunkCluster(world, network, new(world, PlantedBug.None), PlantedBug.None, silos: 4) { Misled = 0 };
        var writer = new WriterThatCuts(cluster);
        world.RunUntil(() => writer.Done > 0, TimeSpan.FromMinutes(1), "it has written and cut");
        writer.CheckWork();
        Assert.NotSame(writer.Former, cluster.FileOf(File));
        var asked = network.AskAsync(new(world, "misled"), writer.Former!.Lane, TimeSpan.FromSeconds(20), () => writer.Former.CallAsync(
            Acquire, [new AcquireLease(new(new Guid(1, 2, 3, new byte[8])), SimNamespace.Name, FirstChunk: true), CancellationToken.None]));
        Wait(world, asked);
        Assert.Equal(GofsError.Unavailable, Assert.IsType<GofsException>(asked.Exception!.InnerException).Error);
        return new(world.Trace, world.Steps, world.Now, 0, 0);
    });

    private sealed class WriterThatCuts(SimChunkCluster cluster) : FileClient(cluster, "writer", 1)
    {
        public SimActivation? Former { get; private set; }

        protected override async Task UseAsync()
        {
            Stops = true;
            await using (var first = await OpenAsync())
            {
                await first.WriteAsync(0, new byte[1000], CancellationToken.None);
                await first.CloseAsync(null, CancellationToken.None);
            }

            Former = Cluster.FileOf(File);
            Cluster.Forget(File);
            await using var second = await OpenAsync();
            await second.SetLengthAsync(0, CancellationToken.None);
            await second.CloseAsync(null, CancellationToken.None);
            Done++;
        }

        private async Task<WritePipeline> OpenAsync()
        {
            var opened = await Cluster.Names.OpenAsync(Process, File);
            var ask = new AcquireLease(NextLease(), SimNamespace.Name, FirstChunk: true)
            {
                WasOpen = opened.WasOpen, OpenedAt = opened.OpenedAt, IsPrepared = opened.IsPrepared, Goal = opened.Entry.Goal,
            };
            var lease = await LeasedFile.AcquireAsync(Context, PathOf(File), Grain(File), new(ask), CancellationToken.None);
            return new(Context, PathOf(File), Grain(File), opened, lease, atomic: false);
        }
    }

    private static void Wait(SimWorld world, Task task) => world.RunUntil(() => task.IsCompleted, TimeSpan.FromMinutes(1), "it is answered");

    private static void Append(SimWorld world, SimChunkCluster cluster, AppendHistory history, int atLeast)
    {
        var client = new AppendingClient(cluster, history, [File], $"appends{atLeast}", 1);
        world.RunUntil(() => history.Acknowledged >= atLeast, TimeSpan.FromMinutes(1), "records are appended");
        client.Stops = true;
        world.RunUntil(() => client.Work.IsCompleted && cluster.Names.AllClosed, TimeSpan.FromMinutes(1), "the file is closed");
    }
}
