using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Grains.Namespaces.Standbys;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>One start of a silo that is a MetaServer, and the grains of one namespace that live here.</summary>
internal sealed class SimSilo : SimHost
{
    private readonly SimCluster cluster;
    private readonly Dictionary<string, SimActivation> grains = [];

    public SimSilo(SimCluster cluster, string name, int generation, double rate)
        : base(cluster.World, cluster.Network, cluster.Database, cluster.Bug, name, generation, rate)
    {
        this.cluster = cluster;
        Grains = cluster.GrainsFor(Process);
        Gateway = new(Process, LaneKind.Turns);
    }

    public LocalMetaServer Local { get; } = new();

    /// <inheritdoc/>
    public override IGrainFactory Grains { get; }

    /// <summary>Where what clients ask comes in.</summary>
    public SimLane Gateway { get; }

    /// <summary>A master begins here, whatever there is elsewhere.</summary>
    public SimActivation StartMaster(Action<SimActivation> gone) => new(this, GrainId.Create("namespace", SimCluster.Namespace), () => new NamespaceGrain(
        EditLog, Local, cluster.Silos, Details, Options.Create(new StandbyOptions()), Process.Clock, Logs), gone);

    /// <summary>The standby here.</summary>
    public SimActivation Standby => Find("standby", StandbyKey(Process.Name), () => new NamespaceStandbyGrain(
        EditLog, Local, Process.Clock, Logs.CreateLogger<NamespaceStandbyGrain>()));

    /// <summary>The MetaServer here.</summary>
    public SimActivation MetaServer => Find("meta", Process.Name, () => new MetaServerGrain(Local, EditLog));

    private static string StandbyKey(string silo) => Gofs.Namespaces.StandbyKey.Of(SimCluster.Namespace, silo);

    private SimActivation Find(string type, string key, Func<Grain> make)
    {
        if (!grains.TryGetValue(type, out var found) || found.IsGone)
            grains[type] = found = new(this, GrainId.Create(type, key), make, static _ => { });
        return found;
    }
}

/// <summary>What blocks on a silo, as work that takes its turn.</summary>
internal sealed class SimEditLogThreads(SimProcess process) : EditLogThreads
{
    private readonly SimLane pool = new(process, LaneKind.Pool);
    private readonly SimLane writing = new(process, LaneKind.Thread);
    private bool steps;

    /// <inheritdoc/>
    public override TaskScheduler Pool => pool;

    /// <inheritdoc/>
    public override Action? StepsFor(EditLogWriter writer) => () => Step(writer);

    /// <inheritdoc/>
    public override T Wait<T>(Task<T> task)
    {
        SimThread.Block(process.World, () => task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    private void Step(EditLogWriter writer)
    {
        if (steps) return;
        steps = true;
        writing.Do(() =>
        {
            steps = false;
            if (writer.TryStep()) Step(writer);
        });
    }
}

/// <summary>Logs go to the trace.</summary>
internal sealed class SimLogs(SimProcess process) : ILoggerFactory, ILogger
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        process.Note($"log {formatter(state, null)} {exception?.Message}");

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
