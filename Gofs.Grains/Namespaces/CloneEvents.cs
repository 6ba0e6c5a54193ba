using Gofs.Grains.Control;
using Orleans;

namespace Gofs.Grains.Namespaces;

/// <summary>A file or a tree was cloned: its inodes, in the order of a walk by levels, have copies with numbers that follow each other.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Origin">The top.</param>
/// <param name="Parent">The directory the copy is in.</param>
/// <param name="Name">Its name there.</param>
/// <param name="FirstInode">The copy of the top.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.cloned")]
public sealed record TreeCloned(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Origin, [property: Id(2)] long Parent, [property: Id(3)] byte[] Name,
    [property: Id(4)] long FirstInode, [property: Id(5)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"inode {Origin} to {Text(Name)} in {Parent}: inode {FirstInode}");
}

/// <summary>Clones have chunk lists of their own.</summary>
/// <param name="Clones">Which, and what they are.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.clones-settled")]
public sealed record ClonesSettled([property: Id(0)] SettledClone[] Clones) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Clones.Length} clones");
}

/// <summary>Chunk tables have logged the first of the shares that clones of whole files take.</summary>
/// <param name="Count">How many.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.shares-told")]
public sealed record SharesTold([property: Id(0)] int Count) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Count} chunks");
}

/// <summary>Chunk tables have logged that files that were put whole and are gone refer to these chunks no more.</summary>
/// <param name="References">Which files, to which chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.references-released")]
public sealed record OnlyReferencesReleased([property: Id(0)] ChunkReference[] References) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{References.Length} chunks");
}
