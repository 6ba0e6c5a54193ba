using System.Runtime.CompilerServices;
using Gofs.Chunks;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>
/// Whether chunk tables count right who shares chunks. A table that counts too few lets a chunk go that a file needs, one that counts too many keeps it for
/// ever. Noted while the tree is walked: who refers to chunks that were shared before, and of all others which were met twice.
/// </summary>
internal sealed partial class NamespaceFsck
{
    private readonly HandleSet met = new(info.Number, info.InitialConfig.ChunkTableShards);
    private readonly HashSet<ChunkHandle> shared = [];
    private readonly HashSet<ChunkReference> sharers = [];
    private readonly Dictionary<ChunkHandle, long> again = [];

    private void Note(ChunkTableRow row)
    {
        unreferred.Add(row.Handle);
        if (row.Files.Length > 0) shared.Add(row.Handle);
    }

    private void Note(FsckFile file)
    {
        foreach (var handle in file.References().Distinct())
        {
            unreferred.Remove(handle);
            if (shared.Contains(handle)) sharers.Add(new(handle, file.Inode));
            else if (!met.TryAdd(handle)) again[handle] = file.Inode;
        }
    }

    private async IAsyncEnumerable<FsckFinding?> SharesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var some in shared.Concat(again.Keys).Chunk(ChunksAtOnce))
        {
            ChunkReference[] left = [.. some.Where(again.ContainsKey).Select(handle => new ChunkReference(handle, again[handle]))];
            var rows = await ask.DescribeAsync(some, cancellation);
            left = [.. left, .. some.Where(shared.Contains).SelectMany(handle => rows[handle].Files.Select(file => new ChunkReference(handle, file.Value)))
                .Where(reference => !sharers.Contains(reference))];
            List<FsckFinding> found = [];
            for (var look = 0; look < Looks && left.Length > 0; look++)
            {
                if (look > 0) await Task.Delay(BetweenLooks, time, cancellation);
                found = await LookAtSharesAsync(left, cancellation);
                left = [.. found.Select(finding => new ChunkReference(finding.Chunk, finding.Inode.Value))];
                yield return null;
            }

            foreach (var finding in found) yield return await RepairAsync(finding, cancellation);
        }
    }

    private async Task<List<FsckFinding>> LookAtSharesAsync(ChunkReference[] references, CancellationToken cancellation)
    {
        var rows = await ask.DescribeAsync(references.Select(reference => reference.Chunk), cancellation);
        List<FsckFinding> found = [];
        foreach (var (chunk, inode) in references)
        {
            var file = (await store.LoadAsync([(inode, await ask.ViewAsync(inode, cancellation))], cancellation))[0];
            if ((FsckDecisions.OfUncounted(file, rows[chunk]) ?? FsckDecisions.OfCounted(file, rows[chunk])) is { } finding) found.Add(finding);
        }

        return found;
    }
}
