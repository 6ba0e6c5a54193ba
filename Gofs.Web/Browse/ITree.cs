using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Web.Browse;

/// <summary>The tree of a namespace as the pages use it. Every refusal is a <see cref="GofsException"/>.</summary>
internal interface ITree
{
    /// <summary>What is at a path; a symlink itself, not what it leads to.</summary>
    Task<Entry> StatAsync(string space, GofsPath path, CancellationToken cancellation);

    /// <summary>Entries of a directory behind a name.</summary>
    Task<ListPage> ListAsync(string space, GofsPath directory, byte[]? after, int limit, CancellationToken cancellation);

    /// <summary>What lies below a path.</summary>
    Task<TreeCount> CountAsync(string space, GofsPath path, CancellationToken cancellation);

    /// <summary>Where a file's bytes are.</summary>
    Task<FileLayout> LayoutAsync(string space, GofsPath path, int firstIndex, int count, CancellationToken cancellation);

    /// <summary>Who has a file open for writing, and where they write.</summary>
    Task<FileLeases> LeasesAsync(string space, InodeNumber inode, CancellationToken cancellation);

    /// <summary>The first bytes of a file.</summary>
    Task<byte[]> BeginningAsync(string space, GofsPath path, int bytes, CancellationToken cancellation);

    /// <summary>The names of the extended attributes.</summary>
    Task<string[]> ExtendedAttributesAsync(string space, GofsPath path, CancellationToken cancellation);

    /// <summary>Makes a directory.</summary>
    Task MakeDirectoryAsync(string space, GofsPath path, CancellationToken cancellation);

    /// <summary>Moves a name; what is there already is not replaced.</summary>
    Task MoveAsync(string space, GofsPath from, GofsPath to, CancellationToken cancellation);

    /// <summary>Makes a copy of a file or tree that shares its chunks until one of the two is changed; what is there already is not replaced.</summary>
    Task CloneAsync(string space, GofsPath from, GofsPath to, CancellationToken cancellation);

    /// <summary>Sets how many replicas of a file's chunks are wanted.</summary>
    Task SetGoalAsync(string space, GofsPath path, int goal, CancellationToken cancellation);

    /// <summary>Moves a name, and what is below it, to the trash.</summary>
    Task RemoveAsync(string space, GofsPath path, CancellationToken cancellation);
}
