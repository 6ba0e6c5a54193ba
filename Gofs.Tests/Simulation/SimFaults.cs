namespace Gofs.Tests.Simulation;

/// <summary>Faults that silos, their network and their database have in every simulation, each of which passes again by itself.</summary>
/// <param name="world">Where.</param>
/// <param name="network">Between whom.</param>
/// <param name="database">What the silos log to.</param>
/// <param name="all">The last start of each silo.</param>
/// <param name="declareDead">The others take a silo for dead.</param>
/// <param name="restart">A silo is started again.</param>
internal sealed class SimFaults<TSilo>(
    SimWorld world, SimNetwork network, SimDatabase database, List<TSilo> all, Action<TSilo> declareDead, Action<TSilo> restart)
    where TSilo : SimHost
{
    /// <summary>
    /// It does not know that it stood still; when it is taken for dead meanwhile, as it is so many times of a thousand, it goes on for some seconds until it
    /// hears of it.
    /// </summary>
    public void Pause(TSilo silo, int takenForDead)
    {
        if (!silo.Process.Runs) return;
        silo.Process.Note("stands still");
        silo.Process.Pause();
        if (world.Chance(takenForDead)) world.After(world.UpTo(3000), () => DeclareDead(silo));
        world.After(world.UpTo(8000), () => GoOn(silo));
    }

    /// <summary>A silo that stands still goes on.</summary>
    public void GoOn(TSilo silo)
    {
        if (!silo.Process.IsPaused || silo.Process.IsDead) return;
        silo.Process.Resume();
        silo.Process.Note("goes on");
        if (silo.IsDeclaredDead) world.After(world.UpTo(4000), () => Restart(silo));
    }

    /// <summary>A silo is started again, unless it was meanwhile.</summary>
    public void Restart(TSilo silo)
    {
        if (all.Contains(silo)) restart(silo);
    }

    /// <summary>Nothing gets from one to another for a while.</summary>
    public void Cut(string from, string to)
    {
        network.Cut(from, to);
        world.Note("network", $"nothing gets from {from} to {to}");
        world.After(world.UpTo(5000), network.Heal);
    }

    /// <summary>From now on the network loses and delays some of what it is given.</summary>
    public void Disturb()
    {
        (network.Loss, network.Stragglers) = (world.Random.Next(50), world.Random.Next(100));
        world.Note("network", $"loses {network.Loss} of 1000, {network.Stragglers} are late");
    }

    /// <summary>The database dies, and comes back.</summary>
    public void CrashDatabase()
    {
        if (database.IsDown) return;
        database.Crash();
        world.After(world.UpTo(2000), Restore);
    }

    /// <summary>The faults end: network and database are well, and so is each silo, or started again where it has to be.</summary>
    public void Heal(Func<TSilo, bool> mustRestart)
    {
        world.Note("faults", "end");
        network.Heal();
        Restore();
        foreach (var silo in all.ToArray())
        {
            if (mustRestart(silo)) Restart(silo);
            else if (silo.Process.IsPaused) GoOn(silo);
        }
    }

    private void DeclareDead(TSilo silo)
    {
        if (!silo.Process.Runs) declareDead(silo);
    }

    private void Restore()
    {
        if (database.IsDown) database.Restart();
    }
}
