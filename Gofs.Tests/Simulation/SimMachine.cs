using Gofs.Silo.ChunkServer.Storage;
using Gofs.Tests.ChunkServers.Storage;

namespace Gofs.Tests.Simulation;

/// <summary>A machine with a disk, which outlives the processes that use it: its power may go, and bits on the disk may flip.</summary>
internal sealed class SimMachine(SimWorld world, string name, PlantedBug bug)
{
    public SimulatedDisk Disk { get; } = new()
    {
        CapacityBytes = 1L << 30, SyncLies = _ => bug == PlantedBug.FlushWithoutSync, IsLossSilent = bug == PlantedBug.LossUnnoticed,
    };

    /// <summary>How long a sync takes at most, in milliseconds.</summary>
    public double SlowSync { get; set; } = 4;

    /// <summary>The power goes and comes back.</summary>
    public void CutPower()
    {
        world.Note(name, "loses its power");
        Disk.Crash(world.Random.Next());
    }

    /// <summary>Waits of a process for this disk.</summary>
    public IDiskThreads ThreadsFor(SimProcess process) => new SimDiskThreads(process, this);
}

/// <summary>The chunk store's work as work of a process that takes its turn. Its workers wait for the disk before each step.</summary>
internal sealed class SimDiskThreads(SimProcess process, SimMachine machine) : IDiskThreads
{
    /// <inheritdoc/>
    public ConfigureAwaitOptions Leave => ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext;

    /// <inheritdoc/>
    public TaskCreationOptions Completion => TaskCreationOptions.None;

    /// <inheritdoc/>
    public IDiskWorker Start(string name, Func<bool> step) => new Worker(process, machine, step);

    private sealed class Worker(SimProcess process, SimMachine machine, Func<bool> step) : IDiskWorker
    {
        private readonly SimLane lane = new(process, LaneKind.Turns);
        private bool awake;

        public void Wake()
        {
            if (awake) return;
            awake = true;
            Next();
        }

        public void Dispose() => awake = true;

        private void Next()
        {
            var wait = process.World.UpTo(machine.SlowSync);
            process.World.Add(new SimTimer(process.World, process, () => lane.Do(Step), wait, Timeout.InfiniteTimeSpan));
        }

        private void Step()
        {
            awake = false;
            if (step()) Wake();
        }
    }
}
