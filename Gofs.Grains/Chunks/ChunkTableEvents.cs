using Gofs.Chunks;
using Gofs.Grains.Control;
using Orleans;

namespace Gofs.Grains.Chunks;

/// <summary>Something that happened to a chunk table shard.</summary>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks")]
public abstract record ChunkTableEvent;

/// <summary>Counters up to <paramref name="Upto"/> may be given out from now on. Logged once for many handles: none is ever given out twice.</summary>
/// <param name="Upto">The last counter.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.handles-reserved")]
public sealed record HandlesReserved([property: Id(0)] long Upto) : ChunkTableEvent;

/// <summary>An owner of the table is about to offer versions: no other owner ever has its number (<see cref="VersionOffers"/>).</summary>
/// <param name="Number">How many owners have offered versions, this one included.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.owner-counted")]
public sealed record OwnerCounted([property: Id(0)] int Number) : ChunkTableEvent;

/// <summary>A file refers to these chunks.</summary>
/// <param name="Handles">The chunks.</param>
/// <param name="Goal">Wanted replicas.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.confirmed")]
public sealed record ChunksConfirmed([property: Id(0)] ChunkHandle[] Handles, [property: Id(1)] int Goal) : ChunkTableEvent;

/// <summary>A chunk has a newer version: a writer got it, or a chunk server reported one that was given and not logged (GFS §4.5).</summary>
/// <param name="Handle">The chunk.</param>
/// <param name="Version">The version.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.version-moved")]
public sealed record VersionMoved([property: Id(0)] ChunkHandle Handle, [property: Id(1)] ChunkVersion Version) : ChunkTableEvent;

/// <summary>No file refers to these chunks any more.</summary>
/// <param name="Handles">The chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.released")]
public sealed record ChunksReleased([property: Id(0)] ChunkHandle[] Handles) : ChunkTableEvent;

/// <summary>Clones have their shares of chunks that other files refer to.</summary>
/// <param name="Shares">Which, in this order.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.shared")]
public sealed record ChunksShared([property: Id(0)] ChunkShare[] Shares) : ChunkTableEvent;

/// <summary>Files refer to chunks no more. A chunk that was never shared has one file only, whichever that is.</summary>
/// <param name="References">Which files, to which chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.references-released")]
public sealed record ReferencesReleased([property: Id(0)] ChunkReference[] References) : ChunkTableEvent;

/// <summary>Files want other numbers of replicas of chunks they refer to. Of a chunk that several refer to, the greatest counts.</summary>
/// <param name="References">Which files, of which chunks.</param>
/// <param name="Goal">How many replicas they want.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.chunks.goals-set")]
public sealed record ChunkGoalsSet([property: Id(0)] ChunkReference[] References, [property: Id(1)] int Goal) : ChunkTableEvent;
