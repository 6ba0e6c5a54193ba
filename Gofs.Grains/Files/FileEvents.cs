using Gofs.Chunks;
using Gofs.Files;
using Orleans;

namespace Gofs.Grains.Files;

/// <summary>Something that happened to one file's bytes.</summary>
[GenerateSerializer, Immutable, Alias("gofs.ev.file")]
public abstract record FileEvent;

/// <summary>A writer made a length, and perhaps new chunks, durable and visible.</summary>
/// <param name="LeaseId">The writer's lease: asked to commit the same again, the grain knows it did.</param>
/// <param name="ChunkSizeBytes">The file's chunk size; the first commit settles it for ever.</param>
/// <param name="LengthBytes">The length.</param>
/// <param name="NewChunks">Chunks the file did not have.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="Closed">Whether the lease ended with it.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.length-committed")]
public sealed record LengthCommitted(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] long ChunkSizeBytes,
    [property: Id(2)] long LengthBytes,
    [property: Id(3)] FileChunk[] NewChunks,
    [property: Id(4)] long ModifiedAt,
    [property: Id(5)] bool Closed) : FileEvent;

/// <summary>
/// The file was put whole, its one chunk known to its namespace only; now a writer has it open, and from here on this stream is the truth.
/// </summary>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="Chunk">The chunk.</param>
/// <param name="LengthBytes">The length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.taken-over")]
public sealed record FileTakenOver(
    [property: Id(0)] long ChunkSizeBytes,
    [property: Id(1)] ChunkHandle Chunk,
    [property: Id(2)] long LengthBytes,
    [property: Id(3)] long ModifiedAt) : FileEvent;

/// <summary>The file was cut or extended; chunks wholly past the length wait to be released.</summary>
/// <param name="LeaseId">The writer's lease.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="LengthBytes">The new length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.truncated")]
public sealed record FileTruncated(
    [property: Id(0)] LeaseId LeaseId,
    [property: Id(1)] long ChunkSizeBytes,
    [property: Id(2)] long LengthBytes,
    [property: Id(3)] long ModifiedAt) : FileEvent;

/// <summary>The chunk table acknowledged that these chunks are no longer the file's.</summary>
/// <param name="Handles">The chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.chunks-released")]
public sealed record FileChunksReleased([property: Id(0)] ChunkHandle[] Handles) : FileEvent;

/// <summary>Records go to this chunk from now on; the one before it, if any, has ended.</summary>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="Index">The chunk's place in the file.</param>
/// <param name="Chunk">The chunk.</param>
/// <param name="LengthBytes">The length without what is appended to it.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.append-chunk-opened")]
public sealed record AppendChunkOpened(
    [property: Id(0)] long ChunkSizeBytes,
    [property: Id(1)] int Index,
    [property: Id(2)] ChunkHandle Chunk,
    [property: Id(3)] long LengthBytes,
    [property: Id(4)] long ModifiedAt) : FileEvent;

/// <summary>Records were appended up to here.</summary>
/// <param name="LengthBytes">The length: all replicas have it.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="Ended">Whether nobody appends any more.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.appended")]
public sealed record RecordsAppended(
    [property: Id(0)] long LengthBytes,
    [property: Id(1)] long ModifiedAt,
    [property: Id(2)] bool Ended) : FileEvent;

/// <summary>The file is a clone of another, and this is its own chunk list from now on; the chunks are shared.</summary>
/// <param name="Origin">Inode of the other.</param>
/// <param name="ChunkSizeBytes">The file's chunk size.</param>
/// <param name="LengthBytes">The length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="Chunks">The chunks by index.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.cloned")]
public sealed record FileCloned(
    [property: Id(0)] long Origin,
    [property: Id(1)] long ChunkSizeBytes,
    [property: Id(2)] long LengthBytes,
    [property: Id(3)] long ModifiedAt,
    [property: Id(4)] ChunkHandle[] Chunks) : FileEvent;

/// <summary>The file has a copy of a chunk that others refer to, and writes to that from now on; the former waits to be released.</summary>
/// <param name="Index">The chunk's place in the file.</param>
/// <param name="Copy">The copy.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.file.chunk-copied")]
public sealed record ChunkCopied([property: Id(0)] int Index, [property: Id(1)] ChunkHandle Copy) : FileEvent;
