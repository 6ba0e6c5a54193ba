using System.Reflection;
using Gofs.Files;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Simulation;

/// <summary>What the simulation found: a file grain that has a successor and does not know it.</summary>
public sealed class FormerFileGrainTests
{
    private static readonly InodeNumber File = new(11);
    private static readonly MethodInfo Join = typeof(IFileGrain).GetMethod(nameof(IFileGrain.JoinAppendAsync))!;
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

    private static void Wait(SimWorld world, Task task) => world.RunUntil(() => task.IsCompleted, TimeSpan.FromMinutes(1), "it is answered");

    private static void Append(SimWorld world, SimChunkCluster cluster, AppendHistory history, int atLeast)
    {
        var client = new AppendingClient(cluster, history, [File], $"appends{atLeast}", 1);
        world.RunUntil(() => history.Acknowledged >= atLeast, TimeSpan.FromMinutes(1), "records are appended");
        client.Stops = true;
        world.RunUntil(() => client.Work.IsCompleted && cluster.Names.AllClosed, TimeSpan.FromMinutes(1), "the file is closed");
    }
}
