using Gofs.Cluster;
using Orleans;

namespace Gofs.Files;

/// <summary>One client that has a file open for writing.</summary>
/// <param name="LeaseId">Its lease.</param>
/// <param name="Holder">Who it is, as it said when it opened the file; <see cref="Caller.Unknown"/>: it did not.</param>
/// <param name="Left">How long the lease lives unless it is renewed, which a client does three times in its time.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.lease")]
public sealed record FileLease([property: Id(0)] LeaseId LeaseId, [property: Id(1)] Caller Holder, [property: Id(2)] TimeSpan Left);

/// <summary>Who has a file open for writing, and where they write.</summary>
/// <param name="Leases">
/// The writer, or of those who append some, at most <see cref="Most"/>; empty: nobody's lease lives, and the file is about to be closed.
/// </param>
/// <param name="Count">How many there are.</param>
/// <param name="IsAppend">Whether records are appended: many may do so at once.</param>
/// <param name="Chunks">The chunks that are written, the last ones, at most <see cref="Most"/>; the primary is the first of a chunk's servers.</param>
[GenerateSerializer, Immutable, Alias("gofs.file.leases")]
public sealed record FileLeases(
    [property: Id(0)] FileLease[] Leases, [property: Id(1)] int Count, [property: Id(2)] bool IsAppend, [property: Id(3)] ChunkPlacement[] Chunks)
{
    /// <summary>The most leases, and chunks, that are told of one file.</summary>
    public const int Most = 16;
}
