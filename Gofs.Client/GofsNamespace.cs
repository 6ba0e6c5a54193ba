using Gofs.Namespaces;

namespace Gofs;

/// <summary>One namespace, seen from a program. Thread-safe.</summary>
public sealed class GofsNamespace
{
    /// <summary>Its name.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>What a path leads to; <see cref="GofsError.NotFound"/> when nothing.</summary>
    public Task<Entry> StatAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>What a path leads to, or null.</summary>
    public Task<Entry?> FindAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>The entries of a directory in the order of their names' bytes, fetched a page ahead. Stable under change: a name there all along is given once.</summary>
    public IAsyncEnumerable<Entry> ListAsync(GofsPath directory, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>What lies below a path.</summary>
    public Task<TreeCount> CountAsync(GofsPath path, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Makes a directory; with <paramref name="parents"/> what is missing above it too, and one that is there is fine.</summary>
    public Task<Entry> CreateDirectoryAsync(GofsPath path, bool parents = false, Ownership? ownership = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Makes a symlink.</summary>
    public Task<Entry> CreateSymlinkAsync(GofsPath path, ReadOnlyMemory<byte> target, Ownership? ownership = null, long? modifiedAt = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Moves a name by POSIX's rules, atomically.</summary>
    public Task RenameAsync(GofsPath from, GofsPath to, bool noReplace = false, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Removes a name or, with <paramref name="recursive"/>, a tree, atomically; into the trash unless <paramref name="skipTrash"/>.</summary>
    public Task RemoveAsync(GofsPath path, bool recursive = false, bool skipTrash = false, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Changes attributes; what is null stays.</summary>
    public Task<Entry> SetAttributesAsync(GofsPath path, int? mode = null, uint? owner = null, uint? group = null, long? modifiedAt = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>One extended attribute, or null.</summary>
    public Task<byte[]?> GetExtendedAttributeAsync(GofsPath path, string name, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>The names of the extended attributes.</summary>
    public Task<string[]> ListExtendedAttributesAsync(GofsPath path, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Sets or (null) removes an extended attribute.</summary>
    public Task SetExtendedAttributeAsync(GofsPath path, string name, byte[]? value, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>
    /// Opens a file: <see cref="FileMode"/> and <see cref="FileAccess"/> mean what they do for <see cref="FileStream"/>. For writing it takes
    /// the file's writer lease (<see cref="GofsError.LeaseHeld"/> while somebody else writes) and renews it until closed.
    /// </summary>
    public Task<GofsFile> OpenAsync(GofsPath path, FileMode mode, FileAccess access, Ownership? ownership = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>
    /// Stores a whole file: creates or replaces it with what <paramref name="source"/> has from where it stands to its end. Small files go
    /// in the fewest calls there are. <paramref name="modifiedAt"/>: nanoseconds since 1970, null for now. <paramref name="progress"/>: bytes so far.
    /// </summary>
    public Task<Entry> PutAsync(GofsPath path, Stream source, Ownership? ownership = null, long? modifiedAt = null, IProgress<long>? progress = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Copies a whole file into <paramref name="destination"/>.</summary>
    public Task GetAsync(GofsPath path, Stream destination, IProgress<long>? progress = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>The trash, oldest first.</summary>
    public IAsyncEnumerable<TrashItem> ListTrashAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Puts a trash item back, where it was or at <paramref name="to"/>.</summary>
    public Task RestoreAsync(long trashId, GofsPath? to = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Removes one trash item, or all, for ever; answers how many.</summary>
    public Task<long> PurgeTrashAsync(long? trashId = null, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>The settings in force.</summary>
    public Task<NamespaceConfig> GetConfigAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Changes the settings.</summary>
    public Task SetConfigAsync(NamespaceConfig config, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>How the master is.</summary>
    public Task<NamespaceStatus> GetStatusAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Writes a Snapshot now; answers its EditLog number.</summary>
    public Task<long> SnapshotAsync(CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>EditLog records as text, from a number on (0: the last <paramref name="limit"/>).</summary>
    public Task<EditLogLine[]> ReadEditLogAsync(long from, int limit, CancellationToken cancellation = default) => throw new NotImplementedException();
}
