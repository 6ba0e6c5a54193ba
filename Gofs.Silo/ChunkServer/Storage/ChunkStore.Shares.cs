using Gofs.Chunks;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Replicas' files for other processes of this machine (<see cref="Transport.FileDoor"/>). A file says all there is to know of its replica but that it was
/// taken out of service with its name kept: that is told before anybody hears that the replica is gone.
/// </summary>
internal sealed partial class ChunkStore
{
    /// <inheritdoc/>
    public event Action? SharesEnd;

    /// <inheritdoc/>
    public async ValueTask<SafeFileHandle?> ShareAsync(ChunkHandle handle, ChunkVersion version, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        cancellation.ThrowIfCancellationRequested();
        var chunk = open.Take(handle);
        try
        {
            var file = FileOf(chunk);
            CheckVersion(file, version);
            return file.SaysAll ? OpenToShare(file.Disk, chunk) : null;
        }
        finally
        {
            chunk.Release();
        }
    }

    private static SafeFileHandle? OpenToShare(Disk disk, OpenChunk chunk)
    {
        try
        {
            return disk.Files.OpenToShare(Disk.FileOf(chunk.Handle));
        }
        catch (FileNotFoundException)
        {
            throw chunk.NotFound();
        }
        catch (IOException broken)
        {
            throw Failed(disk, broken, chunk.Handle);
        }
    }

    private void EndShares() => SharesEnd?.Invoke();
}
