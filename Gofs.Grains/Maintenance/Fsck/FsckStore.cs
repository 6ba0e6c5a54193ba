using Gofs.Grains.Control;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>A namespace's streams as the EditLog's store has them, read into states of the check's own: no grain is asked or activated.</summary>
internal sealed class FsckStore(EditLogServices services, int number)
{
    /// <summary>The names, as of the last record there is now.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>, <see cref="GofsError.EditLogCorrupt"/>, <see cref="GofsError.Unavailable"/>.</exception>
    public async Task<(NamespaceState State, long EditLogNumber)> LoadTreeAsync(CancellationToken cancellation)
    {
        await services.Loads.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => StreamStates.Load<NamespaceState, NamespaceEvent>(services, StreamId.OfNamespace(number)), cancellation)
                ?? throw new GofsException(GofsError.NamespaceNotFound, $"namespace number {number} has no EditLog");
        }
        finally
        {
            services.Loads.Release();
        }
    }

    /// <summary>Files as the namespace and their streams have them, in the order of the inodes.</summary>
    public Task<FsckFile[]> LoadAsync(IReadOnlyList<(long Inode, InodeView View)> files, CancellationToken cancellation) => Task.Run(
        () => files.Select(one => new FsckFile(one.Inode, one.View, FsckFile.NeedsStream(one.View) ? StreamOf(one.Inode) : null)).ToArray(), cancellation);

    /// <summary>The stream of a file that is gone from the tree and may have chunks to release yet.</summary>
    public Task<FileState?> LoadReleasingAsync(long inode, CancellationToken cancellation) => Task.Run(() => StreamOf(inode), cancellation);

    private FileState? StreamOf(long inode) =>
        StreamStates.Load<FileState, FileEvent>(services, StreamId.OfFile(number, new(inode))) is ({ } file, > 0) ? file : null;
}
