namespace Gofs.Grains.Namespaces;

/// <summary>A removed file or tree that can be restored.</summary>
/// <param name="Id">Its place in the trash.</param>
/// <param name="Inode">Its top.</param>
/// <param name="OriginalPath">Where it was.</param>
/// <param name="RemovedAt">When, nanoseconds since 1970 UTC.</param>
internal sealed record TrashRow(long Id, long Inode, GofsPath OriginalPath, long RemovedAt);
