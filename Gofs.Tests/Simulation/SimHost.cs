using System.Net;
using Gofs.Grains.EditLogs;
using Gofs.Tests.EditLogs;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.Simulation;

/// <summary>One start of a silo: its process, and the EditLog's services as they are, over a connection to the database of the simulation.</summary>
internal abstract class SimHost : IServiceProvider
{
    protected SimHost(
        SimWorld world, SimNetwork network, SimDatabase database, PlantedBug bug, string name, int generation, double rate, TimeSpan ahead = default)
    {
        Process = new(world, name) { Rate = rate, Ahead = ahead };
        Address = SiloAddress.New(IPAddress.Loopback, 11111, generation);
        Details = Fake.Of<ILocalSiloDetails>((method, _) => method switch
        {
            "get_Name" => name,
            "get_SiloAddress" => Address,
            _ => Fake.Unexpected(method),
        });
        Logs = new SimLogs(Process);
        var options = new EditLogOptions { SnapshotPartBytes = 512, RetainedRecords = world.Random.Next(8), CommitTimeout = TimeSpan.FromSeconds(3) };
        EditLog = new(
            options, new SimStore(Process, database, network, bug), EventSerializers.Services, Process.Clock, Logs, new SimEditLogThreads(Process));
    }

    public SimProcess Process { get; }

    public SiloAddress Address { get; }

    public ILocalSiloDetails Details { get; }

    public EditLogServices EditLog { get; }

    /// <summary>Grains as this silo sees them.</summary>
    public abstract IGrainFactory Grains { get; }

    public ILoggerFactory Logs { get; }

    /// <summary>Whether the others take it for dead.</summary>
    public bool IsDeclaredDead { get; set; }

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => serviceType == typeof(ILogger<EditLogWriter>) ? Logs.CreateLogger<EditLogWriter>() : null;
}
