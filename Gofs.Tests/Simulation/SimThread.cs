using System.Collections.Concurrent;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A thread for work that blocks. It goes only while the world waits for it, and hands its turn back when it blocks and when it ends: so there is never
/// more than one thread at work, and which one goes on is the seed's choice. A thread whose process is killed while it blocks ends there.
/// </summary>
internal sealed class SimThread
{
    private static readonly ConcurrentBag<SimThread> Idle = [];
    private readonly SimBaton go = new();
    private SimProcess? process;
    private Action? work;
    private Func<bool>? until;

    private SimThread() => new Thread(Loop, maxStackSize: 1 << 20) { IsBackground = true, Name = "simulation" }.Start();

    /// <summary>Whether it can go on.</summary>
    public bool IsReady => process!.IsDead || (!process.IsPaused && until!());

    /// <summary>Does work of a process until it blocks or ends.</summary>
    public static void Run(SimProcess process, Action work)
    {
        if (!Idle.TryTake(out var thread)) thread = new();
        (thread.process, thread.work) = (process, work);
        thread.Resume();
        process.World.TakeTurn();
    }

    /// <summary>Blocks the calling thread until something is so.</summary>
    public static void Block(SimWorld world, Func<bool> until)
    {
        var thread = world.Current ?? throw new SimFailure($"what takes its turn with others blocks: {Environment.StackTrace}");
        thread.until = until;
        world.Block(thread);
        world.Back.Give();
        thread.go.Take();
        thread.Enter();
        if (thread.process!.IsDead) throw new SimKilled();
    }

    /// <summary>Blocks the calling thread for a while.</summary>
    public static void Sleep(SimWorld world, TimeSpan time)
    {
        var over = false;
        world.After(time, () => over = true);
        Block(world, () => over);
    }

    /// <summary>Lets it go on, and waits until it blocks or ends.</summary>
    internal void Resume()
    {
        var world = process!.World;
        go.Give();
        world.Back.Take();
        world.Current = null;
    }

    private void Enter()
    {
        process!.World.Current = this;
        process.World.TakeTurn();
    }

    private void Loop()
    {
        while (true)
        {
            go.Take();
            Enter();
            work!();
            var world = process!.World;
            (process, work, until) = (null, null, null);
            Idle.Add(this);
            world.Back.Give();
        }
    }
}

/// <summary>Ends the work of a process that was killed.</summary>
internal sealed class SimKilled() : Exception("the process was killed");

/// <summary>One thread waits for it, another gives it.</summary>
internal sealed class SimBaton
{
    private readonly object gate = new();
    private bool given;

    public void Give()
    {
        lock (gate)
        {
            given = true;
            Monitor.Pulse(gate);
        }
    }

    public void Take()
    {
        lock (gate)
        {
            while (!given) Monitor.Wait(gate);
            given = false;
        }
    }
}
