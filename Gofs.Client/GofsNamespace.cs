using System.Runtime.CompilerServices;
using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>
/// One namespace, seen from a program. Thread-safe. Each command carries one op-id however often it is tried, so an outcome that
/// was unknown for a while has happened once or not at all. Every failure is a <see cref="GofsException"/> with the path.
/// </summary>
public sealed partial class GofsNamespace
{
    internal const int PageEntries = 1000;
    private const int DirectoryMode = 0x1ED;
    private const int SymlinkMode = 0x1FF;

    private readonly ClientContext context;
    private readonly NamespaceMaster master;
    private readonly INamespaceGrain tree;
    private readonly FileOpener opener;
    private readonly WholeFileWriter wholeFiles;

    internal GofsNamespace(ClientContext context, string name)
    {
        this.context = context;
        Name = name;
        master = new NamespaceMaster(context, name);
        tree = master.Grain;
        var number = new NamespaceNumber(context, name);
        opener = new FileOpener(context, name, master, number);
        wholeFiles = new WholeFileWriter(context, master, new ChunkPool(context, name, number), number);
        Stale = new StaleReads(context, this);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Reads that a standby answers: perhaps a moment behind, and they cost the master nothing.</summary>
    public StaleReads Stale { get; }

    /// <summary>What a path leads to; <see cref="GofsError.NotFound"/> when nothing.</summary>
    public async Task<Entry> StatAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default) =>
        await FindAsync(path, followLast, cancellation)
        ?? throw new GofsException(GofsError.NotFound, "there is no such file or directory", path.ToString());

    /// <summary>What a path leads to, or null.</summary>
    public Task<Entry?> FindAsync(GofsPath path, bool followLast = true, CancellationToken cancellation = default) =>
        master.LookupAsync(path, followLast, cancellation);

    /// <summary>
    /// The entries of a directory in the order of their names' bytes, fetched a page ahead.
    /// Stable under change: a name there all along is given once.
    /// </summary>
    public async IAsyncEnumerable<Entry> ListAsync(
        GofsPath directory, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var pages = PagesAhead.ReadAsync((after, token) => ListPageAsync(directory, after, token), static page => page, cancellation);
        await foreach (var page in pages)
        {
            foreach (var entry in page.Entries) yield return entry;
        }
    }

    /// <summary>
    /// One page of a directory, for whoever shows a part of it: up to <paramref name="limit"/> (1 to 10,000) entries behind the name
    /// <paramref name="after"/>, or from the first one on. A name that is gone may be given: the page begins behind where it was.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.NotADirectory"/>, <see cref="GofsError.InvalidArgument"/>.</exception>
    public Task<ListPage> ListPageAsync(GofsPath directory, byte[]? after, int limit, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(
            directory, (tree, directory, after, limit), static (at, token) => at.tree.ListAsync(at.directory, at.after, at.limit, token), cancellation);

    /// <summary>What lies below a path.</summary>
    public Task<TreeCount> CountAsync(GofsPath path, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(path, (tree, path), static (at, token) => at.tree.CountAsync(at.path, token), cancellation);

    /// <summary>Makes a directory; with <paramref name="parents"/> what is missing above it too, and one that is there is fine.</summary>
    public Task<Entry> CreateDirectoryAsync(
        GofsPath path, bool parents = false, Ownership? ownership = null, CancellationToken cancellation = default)
    {
        var command = new MakeDirectory(OpId.New(), path, ownership ?? context.Options.Ownership with { Mode = DirectoryMode }, parents);
        return master.MakeAsync(path, command, cancellation);
    }

    /// <summary>Makes a symlink.</summary>
    public Task<Entry> CreateSymlinkAsync(
        GofsPath path, ReadOnlyMemory<byte> target, Ownership? ownership = null, long? modifiedAt = null, CancellationToken cancellation = default)
    {
        var command = new MakeSymlink(
            OpId.New(), path, target.ToArray(), ownership ?? context.Options.Ownership with { Mode = SymlinkMode }, modifiedAt);
        return master.MakeAsync(path, command, cancellation);
    }

    /// <summary>Moves a name by POSIX's rules, atomically.</summary>
    public Task RenameAsync(GofsPath from, GofsPath to, bool noReplace = false, CancellationToken cancellation = default)
    {
        var command = new Rename(OpId.New(), from, to, noReplace);
        return master.DoAsync(from, command, cancellation);
    }

    /// <summary>Removes a name or, with <paramref name="recursive"/>, a tree, atomically; into the trash unless <paramref name="skipTrash"/>.</summary>
    public Task RemoveAsync(GofsPath path, bool recursive = false, bool skipTrash = false, CancellationToken cancellation = default)
    {
        var command = new Remove(OpId.New(), path, recursive, skipTrash);
        return master.DoAsync(path, command, cancellation);
    }

    /// <summary>
    /// Makes a clone of a file or a tree, atomically and whatever its bytes are: both sides share them until one of them is written to, and then
    /// only the chunk that is written to is copied, on its servers. Nothing may be at <paramref name="to"/>; a symlink at <paramref name="from"/> is
    /// not followed.
    /// What was flushed before the call is in it; of a file that is being written, what is flushed before the answer may be.
    /// </summary>
    public Task<Entry> CloneAsync(GofsPath from, GofsPath to, CancellationToken cancellation = default)
    {
        var command = new Clone(OpId.New(), from, to);
        return context.Retry.RunAsync(from, (tree, command), static (at, token) => at.tree.CloneAsync(at.command, token), cancellation);
    }

    /// <summary>Changes attributes; what is null stays.</summary>
    public Task<Entry> SetAttributesAsync(
        GofsPath path, int? mode = null, uint? owner = null, uint? group = null, long? modifiedAt = null, CancellationToken cancellation = default)
    {
        var command = new SetAttributes(OpId.New(), path, mode, owner, group, modifiedAt);
        return master.MakeAsync(path, command, cancellation);
    }

    /// <summary>One extended attribute, or null.</summary>
    public Task<byte[]?> GetExtendedAttributeAsync(GofsPath path, string name, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(
            path, (tree, path, name), static (at, token) => at.tree.GetExtendedAttributeAsync(at.path, at.name, token), cancellation);

    /// <summary>The names of the extended attributes.</summary>
    public Task<string[]> ListExtendedAttributesAsync(GofsPath path, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(path, (tree, path), static (at, token) => at.tree.ListExtendedAttributesAsync(at.path, token), cancellation);

    /// <summary>Sets or (null) removes an extended attribute.</summary>
    public Task SetExtendedAttributeAsync(GofsPath path, string name, byte[]? value, CancellationToken cancellation = default)
    {
        var command = new SetExtendedAttribute(OpId.New(), path, name, value);
        return master.DoAsync(path, command, cancellation);
    }

    internal Task<ListPage> ListPageAsync(GofsPath directory, byte[]? after, CancellationToken cancellation) =>
        ListPageAsync(directory, after, PageEntries, cancellation);
}
