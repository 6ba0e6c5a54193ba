using System.Collections.Concurrent;
using Gofs.Grains.EditLogs;

namespace Gofs.Tests.EditLogs;

/// <summary>
/// A store of streams' heads in memory, whose commits a test can hold, fail and look at. Only what the writer needs: nothing is read from it.
/// </summary>
internal sealed class FakeEditLogStore : IEditLogStore, IEditLogCommitter
{
    private readonly SemaphoreSlim gate = new(0);
    private readonly BlockingCollection<StreamId[]> arrived = [];
    private volatile bool held;
    private long epoch = 100;

    /// <summary>What each transaction brought, in order.</summary>
    public List<StreamId[]> Transactions { get; } = [];

    /// <summary>Streams that are refused.</summary>
    public ConcurrentDictionary<StreamId, string> Refuses { get; } = [];

    /// <summary>What the next commit throws, or null.</summary>
    public Exception? Fails { get; set; }

    public bool Disposed { get; private set; }

    public bool IsShared { get; set; }

    /// <summary>From now on each commit waits for <see cref="Release"/>.</summary>
    public void Hold() => held = true;

    /// <summary>Lets one commit go on; with <paramref name="all"/> all that follow too.</summary>
    public void Release(bool all = false)
    {
        if (all) held = false;
        gate.Release();
    }

    /// <summary>Waits until a commit is with the store, and answers its streams.</summary>
    public StreamId[] Arrived() => arrived.TryTake(out var streams, TimeSpan.FromSeconds(30)) ? streams : throw new TimeoutException("no commit arrived");

    public IEditLogCommitter OpenCommitter() => this;

    public void Commit(IReadOnlyList<StreamCommit> commits)
    {
        StreamId[] streams = [.. commits.Select(commit => commit.Stream)];
        Transactions.Add(streams);
        arrived.Add(streams);
        if (held) gate.Wait();
        if (Fails is { } failure)
        {
            Fails = null;
            throw failure;
        }

        foreach (var commit in commits)
        {
            commit.Refused = Refuses.GetValueOrDefault(commit.Stream);
            if (commit.Claim != StreamClaim.None) commit.Head = new(++epoch, commit.LastNumber, 0, 0, 0, 0, false);
        }
    }

    public bool WritePart(StreamId stream, long epoch, long number, int part, uint crc, ReadOnlySpan<byte> payload) => true;

    public bool MoveSnapshot(StreamId stream, long epoch, long previous, long number, int parts, long crcSum, long atMilliseconds) => true;

    public int DeleteLooseParts(StreamId stream, long epoch, int limit) => 0;

    public int TrimRecords(StreamId stream, long upTo, int limit) => 0;

    public int MarkDeleted(StreamId first, StreamId last, int limit) => 0;

    public int PurgeDeleted(int limit) => 0;

    public bool Idle() => false;

    public StreamHead? Find(StreamId stream) => null;

    public int ReadRecords(StreamId stream, long after, int limit, RecordVisitor visit) => 0;

    public (byte[] Payload, uint Crc)? ReadPart(StreamId stream, long number, int part) => null;

    public void Dispose() => Disposed = true;
}
