using Orleans;

namespace Gofs.Namespaces;

/// <summary>A file that the namespace has marked as open for writing.</summary>
/// <param name="Inode">The file.</param>
/// <param name="Path">Where it is, or will be once it is whole; null: the directory it was to be named in is gone.</param>
/// <param name="OpenedAt">When it was opened last.</param>
/// <param name="IsNamed">Whether it has its name; otherwise it takes it when it is closed.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.open-file")]
public sealed record OpenFile(
    [property: Id(0)] InodeNumber Inode, [property: Id(1)] GofsPath? Path, [property: Id(2)] DateTimeOffset OpenedAt, [property: Id(3)] bool IsNamed);
