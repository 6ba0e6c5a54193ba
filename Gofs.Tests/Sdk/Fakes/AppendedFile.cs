using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Files;
using Gofs.Internal;
using Gofs.Transport;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>
/// A file that records are appended to, as its file grain and three chunk servers have it: an append may come to some replicas whole, to others in part or not
/// at all; then they are made equal under a new version; a server may be silent when it is asked how long its replica is.
/// </summary>
internal sealed class AppendedFile : IChunkTransport
{
    public const int ChunkBytes = 4096;

    private static readonly ServerId[] Servers = [new("a"), new("b"), new("c")];
    private readonly List<Chunk> chunks = [new()];
    private long logged;
    private long settled;
    private bool isKnown = true;
    private bool isHealed;

    public AppendedFile() => Grain = Fake.Of<IFileGrain>((method, arguments) => method == nameof(IFileGrain.GetLayoutAsync)
        ? Task.FromResult(Layout((int)arguments[0]!, (int)arguments[1]!))
        : Fake.Unexpected(method));

    public IFileGrain Grain { get; }

    /// <summary>Servers that do not say how long their replica is.</summary>
    public HashSet<int> Silent { get; } = [];

    /// <summary>Whether something may be appended: all replicas are the same, under a version that the file grain has told.</summary>
    public bool TakesAppends => AreEqual && !isHealed;

    private bool AreEqual => Last.Replicas.All(replica => replica.Count == Last.Replicas[0].Count);

    private Chunk Last => chunks[^1];

    public GofsRecordReader Open(TimeProvider time)
    {
        var context = new ClientContext(
            Fake.Of<Orleans.IGrainFactory>((method, _) => Fake.Unexpected(method)), new GofsClientOptions { TransferBytes = 1024 }, time, this, seed: 1);
        var path = GofsPath.Parse("/f");
        return new(path, new ReadPlanner(context, Grain, path));
    }

    /// <summary>Appends bytes, of which so many come to each server; true: all of them to all, so it was acknowledged.</summary>
    public bool Append(byte[] bytes, params int[] reached)
    {
        if (Last.Replicas[0].Count + bytes.Length > ChunkBytes) MoveOn();
        for (var i = 0; i < Servers.Length; i++) Last.Replicas[i].AddRange(bytes.AsSpan(0, Math.Min(bytes.Length, reached[i])));
        return reached.All(count => count >= bytes.Length);
    }

    /// <summary>
    /// A new version on equal replicas, without one that is made anew from the others. The version comes first, so that nobody appends; when
    /// something was cut another follows, for what was cut may have been read under the first. Replicas that were healed have a new one already.
    /// </summary>
    public void MakeEqual(int? without = null)
    {
        if (!isHealed) Last.Version = Last.Version.Next;
        isHealed = false;
        var wasEqual = AreEqual;
        var shortest = Enumerable.Range(0, Servers.Length).Where(i => i != without).Min(i => Last.Replicas[i].Count);
        var whole = Last.Replicas.First(replica => replica.Count >= shortest).Take(shortest).ToArray();
        foreach (var replica in Last.Replicas)
        {
            replica.Clear();
            replica.AddRange(whole);
        }

        if (!wasEqual) Last.Version = Last.Version.Next;
        isKnown = true;
    }

    /// <summary>A replica is made anew from another one, as that is, equal or not: a new version, of which the file grain hears later.</summary>
    public void Heal(int target, int source)
    {
        Last.Replicas[target] = [.. Last.Replicas[source]];
        Last.Version = Last.Version.Next;
        (isHealed, isKnown) = (true, false);
    }

    /// <summary>The file grain starts anew: what it knew of the replicas it does not know any more.</summary>
    public void RestartGrain() => (settled, isKnown) = (0, false);

    /// <summary>What all replicas have, is logged.</summary>
    public void LogLength()
    {
        isHealed = false;
        MakeEqual();
        logged = Start + Last.Replicas[0].Count;
    }

    public Task<int> ReadAsync(
        ServerId server, ChunkAccess chunk, long offsetBytes, Memory<byte> destination, ISlowCall? slow, CancellationToken cancellation)
    {
        var there = chunks[(int)chunk.Handle.Counter - 1];
        if (there.Version != chunk.Version)
            return Task.FromException<int>(new GofsException(GofsError.StaleVersion, "another version", chunk.Handle.ToString()));
        var bytes = there.Replicas[Array.IndexOf(Servers, server)];
        var count = (int)Math.Clamp(bytes.Count - offsetBytes, 0, destination.Length);
        for (var i = 0; i < count; i++) destination.Span[i] = bytes[(int)offsetBytes + i];
        return Task.FromResult(count);
    }

    public Task<bool> IsAliveAsync(ServerId server, ChunkAccess chunk, CancellationToken cancellation) => Task.FromResult(true);

    public Task<long> AppendAsync(ServerId[] servers, ChunkAppend append, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<LossMarks> WriteAsync(ServerId[] servers, ChunkWrite write, ChunkToken token, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<GofsException?[]> WriteEachAsync(ServerId[] servers, AllowedWrite[] writes, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<LossMarks> FlushAsync(ServerId[] servers, ChunkAccess chunk, CancellationToken cancellation) => throw new NotSupportedException();

    private long Start => (chunks.Count - 1) * (long)ChunkBytes;

    private void MoveOn()
    {
        isHealed = false;
        MakeEqual();
        chunks.Add(new());
        logged = Start;
    }

    private FileLayout Layout(int first, int count)
    {
        var lengths = Last.Replicas.Select((replica, i) => Silent.Contains(i) ? default(long?) : replica.Count).ToArray();
        var length = AppendDecisions.Length(logged, Start, lengths)!.Value;
        if (isKnown && Silent.Count == 0) settled = Math.Max(settled, length);
        return new(length, ChunkBytes, [.. Enumerable.Range(first, Math.Max(0, Math.Min(count, chunks.Count - first)))
            .Select(index => new ChunkPlacement(index, ChunkHandle.Create(1, 0, index + 1), chunks[index].Version, Servers))])
        {
            SettledBytes = Math.Clamp(settled, logged, length),
        };
    }

    private sealed class Chunk
    {
        public ChunkVersion Version { get; set; } = ChunkVersion.First;

        public List<byte>[] Replicas { get; } = [[], [], []];
    }
}
