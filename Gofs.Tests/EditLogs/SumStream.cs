using Gofs.Grains.Chunks;
using Gofs.Grains.EditLogs;
using Gofs.Grains.EditLogs.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gofs.Tests.EditLogs;

/// <summary>A stream of a <see cref="SumState"/> in a SQLite file, with what its owner believes it holds.</summary>
internal sealed class SumStream : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<ChunkTableEvent> events = [];

    public SumStream(int retained = 0)
    {
        var options = new EditLogOptions { Path = folder.File("editlog.db"), RetainedRecords = retained };
        Store = new(new SqliteEditLogStore(options.Path));
        Services = new(options, Store, EventSerializers.Services, TimeProvider.System, NullLoggerFactory.Instance);
        Head = Do(store => store.Take(Id));
    }

    public StreamId Id { get; } = Commits.Stream(7);

    public FaultyEditLogStore Store { get; }

    public EditLogServices Services { get; }

    public StreamHead Head { get; private set; }

    public long Number => events.Count;

    /// <summary>The state by replay of everything that ever happened, without the store.</summary>
    public SumState Live
    {
        get
        {
            var state = new SumState();
            foreach (var one in events) state.Apply(one);
            return state;
        }
    }

    public void Raise(params long[] values)
    {
        if (values.Length == 0) return;
        var commit = new StreamCommit(Id) { Epoch = Head.Epoch, PreviousNumber = Number, Records = RecordBatch.Rent() };
        foreach (var value in values)
        {
            events.Add(new HandlesReserved(value));
            commit.Records.Add(EventSerializers.Some, events[^1], Id, Number);
        }

        Do(store => store.Do(commit));
    }

    /// <summary>What a new activation reads, having taken its epoch.</summary>
    public SumState TakeUp()
    {
        Head = Do(store => store.Take(Id));
        return EditLogLoader.Load<SumState, ChunkTableEvent>(Store, Id, Head, Head.Number, EventSerializers.Some, static () => { });
    }

    public bool MakeSnapshot(long? epoch = null, bool isOver = false) =>
        SnapshotMaker.Make<SumState, ChunkTableEvent>(Services, Id, epoch ?? Head.Epoch, Number, EventSerializers.Some, () => isOver);

    public void Damage(string sql)
    {
        using var database = new SqliteDatabase(folder.File("editlog.db"), readOnly: false);
        database.Run(sql);
    }

    public T Do<T>(Func<IEditLogCommitter, T> what) => Services.Writer.DoAsync(what).GetAwaiter().GetResult();

    public void Dispose()
    {
        Services.Dispose();
        folder.Dispose();
    }
}
