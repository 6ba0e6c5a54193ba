using Gofs.Cluster;
using Orleans;

namespace Gofs.Namespaces;

/// <summary>How much is in a dump.</summary>
/// <param name="Inodes">Files, directories and symlinks, the root and the trash included.</param>
/// <param name="Files">Files.</param>
/// <param name="Directories">Directories.</param>
/// <param name="Symlinks">Symlinks.</param>
/// <param name="TrashItems">Removed files and trees that can be restored.</param>
/// <param name="LengthBytes">Sum of the files' lengths.</param>
[GenerateSerializer, Immutable, Alias("gofs.dump.counts")]
public readonly record struct DumpCounts(
    [property: Id(0)] long Inodes, [property: Id(1)] long Files, [property: Id(2)] long Directories, [property: Id(3)] long Symlinks,
    [property: Id(4)] long TrashItems, [property: Id(5)] long LengthBytes);

/// <summary>A part of a dump's text, whole lines.</summary>
/// <param name="Bytes">The text.</param>
/// <param name="IsLast">Whether nothing follows.</param>
/// <param name="Counts">What has been dumped so far.</param>
[GenerateSerializer, Immutable, Alias("gofs.dump.page")]
public sealed record DumpPage([property: Id(0)] byte[] Bytes, [property: Id(1)] bool IsLast, [property: Id(2)] DumpCounts Counts);

/// <summary>A part of a dump's text for a load; where it is cut does not matter.</summary>
/// <param name="LoadId">Names the load: asked again with the same part, it answers as before.</param>
/// <param name="Sequence">0 for the first part, which begins the load, then one more each.</param>
/// <param name="Bytes">The text; at most 1 MiB.</param>
/// <param name="IsLast">Whether nothing follows.</param>
/// <param name="NamesOnly">Whether files come without their bytes, under a new namespace number; the first part's counts.</param>
[GenerateSerializer, Immutable, Alias("gofs.dump.load-part")]
public sealed record LoadPart(
    [property: Id(0)] OpId LoadId, [property: Id(1)] long Sequence, [property: Id(2)] byte[] Bytes, [property: Id(3)] bool IsLast,
    [property: Id(4)] bool NamesOnly);

/// <summary>A namespace that was loaded from a dump.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Counts">What is in it.</param>
/// <param name="FilesWithoutBytes">Files that had bytes and are empty now, because names alone were asked for.</param>
[GenerateSerializer, Immutable, Alias("gofs.dump.loaded")]
public sealed record LoadedNamespace(
    [property: Id(0)] NamespaceInfo Namespace, [property: Id(1)] DumpCounts Counts, [property: Id(2)] long FilesWithoutBytes);
