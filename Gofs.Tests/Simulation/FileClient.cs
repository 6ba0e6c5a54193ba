using System.Buffers;
using System.Runtime.ExceptionServices;
using Gofs.Files;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Transport;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>A client of files: the SDK's own pipelines, over grain calls. What it does, it does one after the other, until it is to stop.</summary>
internal abstract class FileClient
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(8);
    private readonly IGrainFactory grains;

    protected FileClient(SimChunkCluster cluster, string name, double rate)
    {
        Cluster = cluster;
        Process = new(World, name) { Rate = rate, Ahead = World.UpTo(1000) };
        var lane = new SimLane(Process, LaneKind.Turns);
        grains = cluster.GrainsFor(Process);
        var options = new GofsClientOptions { OperationTimeout = CallTimeout, TransferBytes = 32 << 10, User = "user", Host = name };
        Context = new(
            grains, options, Process.Clock, new GrainTransport(grains, Process.Clock, CallTimeout, TimeSpan.FromSeconds(2)), (ulong)World.Random.NextInt64(),
            ArrayPool<byte>.Shared, pool: lane);
        Work = lane.Do(RunAsync);
    }

    public SimProcess Process { get; }

    /// <summary>Its work; ends when <see cref="Stops"/> says so.</summary>
    public Task Work { get; }

    /// <summary>Whether it begins nothing more.</summary>
    public bool Stops { get; set; }

    /// <summary>How often it did what it does to its end.</summary>
    public int Done { get; protected set; }

    protected SimChunkCluster Cluster { get; }

    protected ClientContext Context { get; }

    protected SimWorld World => Cluster.World;

    /// <summary>Throws what ended it.</summary>
    public void CheckWork()
    {
        if (Work.IsFaulted) ExceptionDispatchInfo.Throw(Work.Exception.InnerException!);
    }

    protected static GofsPath PathOf(InodeNumber file) => GofsPath.Parse($"/file{file.Value}");

    protected IFileGrain Grain(InodeNumber file) => grains.GetGrain<IFileGrain>(FileKey.Of(SimNamespace.Number, file));

    protected LeaseId NextLease()
    {
        var bytes = new byte[16];
        World.Random.NextBytes(bytes);
        return new(new(bytes));
    }

    /// <summary>Does it once.</summary>
    protected abstract Task UseAsync();

    private async Task RunAsync()
    {
        while (!Stops)
        {
            await Task.Delay(World.UpTo(400), Process.Clock);
            try
            {
                await UseAsync();
            }
            catch (Exception failed) when (failed is GofsException { Error: not GofsError.Internal } or TimeoutException or OrleansException)
            {
                Process.Note($"failed: {failed.Message}");
            }
        }
    }
}
