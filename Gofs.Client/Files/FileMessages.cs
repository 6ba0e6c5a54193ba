using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Namespaces;
using Gofs.Transport;
using Orleans;

namespace Gofs.Files;

/// <summary>Asks for a file's writer lease.</summary>
/// <param name="LeaseId">Names the lease; each asking has the <see cref="LeaseId.Next"/>, and the answer says which one the lease has.</param>
/// <param name="NamespaceName">The namespace, so that the file grain can tell it of flushes.</param>
/// <param name="FirstChunk">Answer with a chunk for index 0 when the file is empty, saving a call.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.acquire-lease")]
public sealed record AcquireLease(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] string NamespaceName,
    [property: Id(2)] bool FirstChunk)
{
    /// <summary>
    /// Whether somebody else had the file open when this client opened it (<see cref="OpenedFile.WasOpen"/>): a file grain that has just started
    /// then refuses for a lease time, because a lease given before it started may live.
    /// </summary>
    [Id(3)] public bool WasOpen { get; init; }

    /// <summary>The open flag this client raised (<see cref="OpenedFile.OpenedAt"/>).</summary>
    [Id(4)] public long OpenedAt { get; init; }

    /// <summary>What the namespace said (<see cref="OpenedFile.IsPrepared"/>); otherwise the file grain asks it.</summary>
    [Id(5)] public bool IsPrepared { get; init; }

    /// <summary>The file's goal, as the namespace said when it was opened (<see cref="Entry.Goal"/>); 0: the file grain asks it.</summary>
    [Id(6)] public int Goal { get; init; }
}

/// <summary>Takes up a lease that a file grain gave before it was started anew.</summary>
/// <param name="LeaseId">The lease.</param>
/// <param name="GrantedAt">The file's EditLog number when the lease was given: nobody else may have written since.</param>
/// <param name="Placed">Where its holder writes: what was written there is kept.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.resume-lease")]
public sealed record ResumeLease(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] long GrantedAt,
    [property: Id(2)] ChunkPlacement[] Placed)
{
    /// <summary>The name the lease has from then on, a later one of the same holder. None, of clients before 2026-12: the one it had.</summary>
    [Id(3)] public LeaseId As { get; init; }
}

/// <summary>A writer lease, as given.</summary>
/// <param name="LeaseId">Its name.</param>
/// <param name="LeaseTime">It lives this long from the last renewal (every call with it renews it).</param>
/// <param name="LengthBytes">The file's flushed length.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="Tail">Where the last chunk (or the first of an empty file, when asked for) may be written, or null.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.writer-lease")]
public sealed record WriterLease(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] TimeSpan LeaseTime,
    [property: Id(2)] long LengthBytes,
    [property: Id(3)] long ChunkSizeBytes,
    [property: Id(4)] ChunkPlacement? Tail)
{
    /// <summary>The file's EditLog number when the lease was given.</summary>
    [Id(5)] public long EditLogNumber { get; init; }
}

/// <summary>Where one chunk of a file is.</summary>
/// <param name="Index">Its place in the file.</param>
/// <param name="Handle">Its name; <see cref="ChunkHandle.None"/> is a hole.</param>
/// <param name="Version">The version every replica named here has.</param>
/// <param name="Servers">Chunk servers that hold it, the primary first; empty while none has reported it.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.chunk-placement")]
public sealed record ChunkPlacement(
    [property: Id(0)] int Index,
    [property: Id(1)] ChunkHandle Handle,
    [property: Id(2)] ChunkVersion Version,
    [property: Id(3)] ServerId[] Servers)
{
    /// <summary>What the servers want to see: the right to read, and for the writer to write.</summary>
    [Id(4)] public ChunkToken Token { get; init; }

    /// <summary>
    /// In a layout: how many replicas its table wants, the greatest goal of the files that share it. 0 of a hole, and where nobody asked the table.
    /// </summary>
    [Id(5)] public int Goal { get; init; }
}

/// <summary>Asks to go on writing a chunk of which a replica has failed.</summary>
/// <param name="LeaseId">The writer's lease.</param>
/// <param name="Index">The chunk's place in the file.</param>
/// <param name="Handle">The chunk, as it was placed.</param>
/// <param name="Version">Its version, as it was placed.</param>
/// <param name="Without">Servers that failed: they are not asked.</param>
/// <param name="Empty">No write to the chunk was ever acknowledged: a new one may take its place.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.recover-chunk")]
public sealed record RecoverChunk(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] int Index,
    [property: Id(2)] ChunkHandle Handle,
    [property: Id(3)] ChunkVersion Version,
    [property: Id(4)] ServerId[] Without,
    [property: Id(5)] bool Empty);

/// <summary>A page of a file's chunk list, for readers.</summary>
/// <param name="LengthBytes">The flushed length: readers read up to it.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="Chunks">The chunks asked for that the file has.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.layout")]
public sealed record FileLayout(
    [property: Id(0)] long LengthBytes,
    [property: Id(1)] long ChunkSizeBytes,
    [property: Id(2)] ChunkPlacement[] Chunks)
{
    /// <summary>
    /// Up to where no byte will ever be another one, unless somebody writes it: of a file that records are appended to, what every replica has. What lies
    /// behind may be cut off when replicas are made equal, and something else be appended there; then the chunk has another version. Null: all of it, as far
    /// as is known.
    /// </summary>
    [Id(3)] public long? SettledBytes { get; init; }
}

/// <summary>A chunk a writer filled.</summary>
/// <param name="Index">Its place in the file.</param>
/// <param name="Handle">Its name.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.chunk-ref")]
public readonly record struct FileChunk([property: Id(0)] int Index, [property: Id(1)] ChunkHandle Handle);

/// <summary>What a file is after its writer has gone.</summary>
/// <param name="LengthBytes">The flushed length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC; 0 when nothing was ever committed.</param>
/// <param name="ClosedByWriter">Whether the last writer closed it; otherwise it was cut off.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.settled")]
public sealed record SettledFile(
    [property: Id(0)] long LengthBytes,
    [property: Id(1)] long ModifiedAt,
    [property: Id(2)] bool ClosedByWriter)
{
    /// <summary>The number of the file's last record when this was said; 0: not known.</summary>
    [Id(3)] public long EditLogNumber { get; init; }
}

/// <summary>
/// Makes a length durable. The writer has already flushed the bytes on every replica.
/// </summary>
/// <param name="LeaseId">The writer's lease.</param>
/// <param name="LengthBytes">The file's length; never below the flushed length (truncation has its own call).</param>
/// <param name="NewChunks">Chunks allocated under this lease that now hold bytes of the file.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC, or null for now.</param>
/// <param name="Close">End the lease.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.commit-length")]
public sealed record CommitLength(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] long LengthBytes,
    [property: Id(2)] FileChunk[] NewChunks,
    [property: Id(3)] long? ModifiedAt,
    [property: Id(4)] bool Close)
{
    /// <summary>The open flag the writer raised (<see cref="OpenedFile.OpenedAt"/>): with <see cref="Close"/> it ends, and no other's.</summary>
    [Id(5)] public long OpenedAt { get; init; }
}
