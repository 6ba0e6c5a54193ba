using System.Collections.Immutable;
using System.Net;
using Gofs.Cluster;
using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Grains.Namespaces.Standbys;
using Gofs.Tests.EditLogs;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>
/// One start of a silo that is a MetaServer: the EditLog's services as they are, over a connection to the database of the simulation, and the grains of one
/// namespace that live here.
/// </summary>
internal sealed class SimSilo : IServiceProvider
{
    private readonly SimCluster cluster;
    private readonly ILocalSiloDetails details;
    private readonly Dictionary<string, SimActivation> grains = [];

    public SimSilo(SimCluster cluster, string name, int generation, double rate)
    {
        this.cluster = cluster;
        Process = new(cluster.World, name) { Rate = rate };
        Address = SiloAddress.New(IPAddress.Loopback, 11111, generation);
        details = Fake.Of<ILocalSiloDetails>((method, _) => method switch
        {
            "get_Name" => name,
            "get_SiloAddress" => Address,
            _ => Fake.Unexpected(method),
        });
        Logs = new SimLogs(Process);
        var options = new EditLogOptions { SnapshotPartBytes = 512, RetainedRecords = cluster.World.Random.Next(8), CommitTimeout = TimeSpan.FromSeconds(3) };
        var store = new SimStore(Process, cluster.Database, cluster.Network, cluster.Bug);
        EditLog = new(options, store, EventSerializers.Services, Process.Clock, Logs, new SimEditLogThreads(Process));
        Grains = cluster.GrainsFor(Process);
    }

    public SimProcess Process { get; }

    public SiloAddress Address { get; }

    public EditLogServices EditLog { get; }

    public LocalMetaServer Local { get; } = new();

    public IGrainFactory Grains { get; }

    public ILoggerFactory Logs { get; }

    /// <summary>Whether the others take it for dead.</summary>
    public bool IsDeclaredDead { get; set; }

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => serviceType == typeof(ILogger<EditLogWriter>) ? Logs.CreateLogger<EditLogWriter>() : null;

    /// <summary>A master begins here, whatever there is elsewhere.</summary>
    public SimActivation StartMaster(Action<SimActivation> gone) => new(this, GrainId.Create("namespace", SimCluster.Namespace), () => new NamespaceGrain(
        EditLog, Local, cluster.Silos, details, Options.Create(new StandbyOptions()), Process.Clock, Logs), gone);

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
