using System.Diagnostics.Metrics;
using Gofs.Grains.EditLogs.Postgres;
using Gofs.Grains.EditLogs.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace Gofs.Grains.EditLogs;

/// <summary>What the event-sourced grains of a silo share: the store, its one writer, and the limits.</summary>
public sealed class EditLogServices : IDisposable
{
    private const int RowsAtOnce = 1000;
    private readonly IServiceProvider provider;

    internal EditLogServices(
        EditLogOptions options, IEditLogStore store, IServiceProvider provider, TimeProvider time, ILoggerFactory logs, EditLogThreads? threads = null)
    {
        this.provider = provider;
        Options = options;
        Time = time;
        Store = store;
        Threads = threads ?? EditLogThreads.Own;
        var metrics = provider.GetService<Meter>() is { } meter ? new EditLogMetrics(meter) : null;
        Writer = new(Store, options, time, logs.CreateLogger<EditLogWriter>(), metrics, Threads);
        Loads = new(options.ConcurrentLoads);
    }

    /// <summary>Opens the store that the settings name: SQLite, or PostgreSQL.</summary>
    internal static EditLogServices Open(EditLogOptions options, IServiceProvider provider, TimeProvider time, ILoggerFactory logs)
    {
        if (string.Join("; ", options.Faults()) is { Length: > 0 } faults) throw new GofsException(GofsError.InvalidArgument, faults);
        IEditLogStore store = options.PostgresConnection.Length > 0 ? new PostgresEditLogStore(options) : new SqliteEditLogStore(options.Path);
        return new(options, store, provider, time, logs);
    }

    internal EditLogOptions Options { get; }

    internal TimeProvider Time { get; }

    internal IEditLogStore Store { get; }

    internal EditLogThreads Threads { get; }

    internal EditLogWriter Writer { get; }

    /// <summary>For how long the store has been at one transaction; zero while it is at none.</summary>
    public TimeSpan BusyFor => Writer.BusyFor;

    internal SemaphoreSlim Loads { get; }

    internal WarmStates Warm { get; } = new();

    /// <summary>Removes all streams of a namespace, a little at a time. No activation of them can commit any more.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>: the store fails; asked again it goes on.</exception>
    public async Task DeleteStreamsOfNamespaceAsync(int namespaceNumber, CancellationToken cancellation)
    {
        foreach (var kind in Enum.GetValues<StreamKind>())
        {
            var (first, last) = StreamId.RangeOf(kind, namespaceNumber);
            while (await Writer.DoAsync(store => store.MarkDeleted(first, last, RowsAtOnce)) > 0) cancellation.ThrowIfCancellationRequested();
        }

        while (await Writer.DoAsync(store => store.PurgeDeleted(RowsAtOnce)) > 0) cancellation.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Writer.Dispose();
        Store.Dispose();
        Loads.Dispose();
    }

    internal Serializer<T> SerializerOf<T>() => provider.GetRequiredService<Serializer<T>>();
}

/// <summary>Adds the EditLog to a silo.</summary>
public static class EditLogRegistration
{
    /// <summary>
    /// Adds store and writer. They are opened when the host starts, so that no grain fails to be made later because the database is away just then,
    /// and end with it, after the grains.
    /// </summary>
    public static IServiceCollection AddEditLog(this IServiceCollection services, EditLogOptions options) => services
        .AddSingleton(provider => EditLogServices.Open(
            options, provider, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()))
        .AddHostedService<EditLogOpening>();

    private sealed class EditLogOpening(EditLogServices services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            GC.KeepAlive(services);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
