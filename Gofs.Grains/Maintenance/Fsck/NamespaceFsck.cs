using System.Runtime.CompilerServices;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Files;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Maintenance.Fsck;

/// <summary>
/// One check of a namespace beside whoever uses it. In this order: the rows of the chunk tables are noted, a bit each; the names are read from the
/// EditLog's store; the tree is walked, and each file's chunks are looked up in their tables and looked at on their servers, some hundred at a time; what
/// no file referred to and its table still has, no file refers to (a file that got it before it was noted was walked; what was let go of meanwhile its
/// table no longer has); whether the tables count the files that share chunks right; last, what chunk servers hold that no table waits for.
/// <para>
/// Things change while it looks. So whatever is suspicious is looked at again, from the master's word on, after a while and once more: only what was so
/// each time is a finding. In memory are the names, compact, as a standby has them; of chunks a bit each; files' chunk lists one part after the other.
/// </para>
/// <para>
/// Who dies. The client: nothing was changed that has to be ended. This silo: the client is told to begin another. A chunk table or the master: they are
/// asked again for a while, then the check fails. A chunk server: that is a finding.
/// </para>
/// </summary>
internal sealed partial class NamespaceFsck(EditLogServices services, IGrainFactory grains, TimeProvider time, NamespaceInfo info, FsckRequest request)
{
    private const int ListedAtOnce = 16_384;
    private const int FilesAtOnce = 64;
    private const int ChunksAtOnce = 256;
    private const int Looks = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan CollectingTakes = TimeSpan.FromMinutes(2);
    private readonly FsckAsk ask = new(grains, time, info);
    private readonly FsckStore store = new(services, info.Number);
    private HandleSet unreferred = new(info.Number, info.InitialConfig.ChunkTableShards);
    private NamespaceState state = new();
    private HashSet<ServerId> silent = [];
    private FsckCounts counts;

    /// <summary>What has been checked so far.</summary>
    public FsckCounts Counts => counts;

    /// <summary>The findings; null now and then, so that the caller can say how far it is.</summary>
    public async IAsyncEnumerable<FsckFinding?> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var isWhole = request.Path == GofsPath.Root;
        var servers = await ask.ServersAsync(cancellation);
        silent = [.. servers.Where(server => !server.Live).Select(server => server.Server)];
        if (isWhole) await foreach (var _ in NoteRowsAsync(cancellation)) yield return null;
        (state, var number) = await store.LoadTreeAsync(cancellation);
        counts = counts with { EditLogNumber = number };
        yield return null;
        var tree = new FsckTree(state);
        long[] tops = isWhole ? [.. tree.Tops()] : [PathResolution.Require(state, request.Path, followLast: true).Inode];
        await foreach (var finding in FilesAsync(tree, tops, cancellation)) yield return Said(finding);
        if (!isWhole) yield break;
        tree.CheckCounts();
        tree.CheckMaster(await ask.StatusAsync(cancellation), number);
        foreach (var finding in tree.Take()) yield return Said(finding);
        await foreach (var finding in UnreferredAsync(cancellation)) yield return Said(finding);
        await foreach (var finding in SharesAsync(cancellation)) yield return Said(finding);
        foreach (var server in servers.Where(one => one.Live))
        {
            await foreach (var finding in HeldAsync(server.Server, cancellation)) yield return Said(finding);
        }
    }

    private FsckFinding? Said(FsckFinding? finding)
    {
        if (finding is null) return null;
        counts = counts with { Findings = counts.Findings + 1 };
        return finding.Path is null && finding.Inode.Value > 0 && state.Tree.Has(finding.Inode.Value)
            ? finding with { Path = state.Tree.PathOf(finding.Inode.Value) }
            : finding;
    }

    private async IAsyncEnumerable<bool> NoteRowsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var shard = 0; shard < info.InitialConfig.ChunkTableShards; shard++)
        {
            ChunkTablePage? page = null;
            while (page is not { IsLast: true })
            {
                page = await ask.ListAsync(shard, page?.Upto ?? 0, ListedAtOnce, cancellation);
                foreach (var row in page.Rows) Note(row);
                yield return true;
            }
        }
    }

    private async IAsyncEnumerable<FsckFinding?> FilesAsync(
        FsckTree tree, long[] tops, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<FsckPart> batch = [];
        foreach (var some in tree.Walk(tops).Chunk(FilesAtOnce))
        {
            counts = counts with { Inodes = counts.Inodes + some.Length };
            var views = some.Where(inode => state.Tree[inode].Type == EntryType.File).Select(inode => (inode, NamespaceQueries.ViewOf(state, inode))).ToArray();
            foreach (var finding in tree.Take()) yield return finding;
            foreach (var file in await store.LoadAsync(views, cancellation))
            {
                Note(file);
                foreach (var part in FsckPart.Of(file, ChunksAtOnce))
                {
                    batch.Add(part);
                    if (batch.Sum(one => one.Count) < ChunksAtOnce && batch.Count < ChunksAtOnce) continue;
                    await foreach (var finding in PartsAsync(batch, cancellation)) yield return finding;
                    batch = [];
                }
            }

            yield return null;
        }

        await foreach (var finding in PartsAsync(batch, cancellation)) yield return finding;
    }

    private async IAsyncEnumerable<FsckFinding?> PartsAsync(List<FsckPart> parts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (parts.Count == 0) yield break;
        var started = time.GetTimestamp();
        var found = await LookAsync(parts, cancellation);
        counts = counts with { Chunks = counts.Chunks + parts.Sum(part => part.Chunks().Count()) };
        for (var look = 1; look < Looks && found.Count > 0; look++)
        {
            yield return null;
            await Task.Delay(BetweenLooks, time, cancellation);
            var before = found.Select(KeyOf).ToHashSet();
            found = [.. (await LookAsync(await AgainAsync(found, cancellation), cancellation)).Where(finding => before.Contains(KeyOf(finding)))];
        }

        foreach (var finding in found) yield return await RepairAsync(finding, cancellation);
        var least = TimeSpan.FromSeconds(parts.Sum(part => part.Count) / (double)request.ChunksPerSecond);
        if (least - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero) await Task.Delay(left, time, cancellation);
    }

    // From the master's word on: the file may be another by now, or gone.
    private async Task<List<FsckPart>> AgainAsync(List<FsckFinding> found, CancellationToken cancellation)
    {
        List<FsckPart> parts = [];
        foreach (var inode in found.GroupBy(finding => finding.Inode.Value))
        {
            var view = await ask.ViewAsync(inode.Key, cancellation);
            if (!view.IsThere) continue;
            var file = (await store.LoadAsync([(inode.Key, view)], cancellation))[0];
            parts.AddRange(FsckPart.Of(file, [.. inode.Select(finding => finding.ChunkIndex).Where(index => index >= 0).Distinct()]));
        }

        return parts;
    }

    private async Task<List<FsckFinding>> LookAsync(IReadOnlyList<FsckPart> parts, CancellationToken cancellation)
    {
        List<FsckFinding> found = [.. parts.Where(part => part.IsFirst).SelectMany(part => FsckDecisions.OfFile(part.File))];
        var chunks = parts.SelectMany(part => part.Chunks().Select(chunk => (part.File, chunk.Index, chunk.Handle))).ToList();
        foreach (var (file, index, handle) in chunks.Where(one => one.Handle.NamespaceNumber != info.Number))
            found.Add(FsckDecisions.OfForeign(file, index, handle));
        chunks.RemoveAll(one => one.Handle.NamespaceNumber != info.Number);
        if (chunks.Count == 0) return found;
        var rows = await ask.DescribeAsync(chunks.Select(one => one.Handle), cancellation);
        var replicas = await ask.CheckAsync(rows.Values, cancellation);
        counts = counts with { Replicas = counts.Replicas + replicas.Values.Sum(all => all.Length) };
        found.AddRange(chunks.SelectMany(one => FsckDecisions.OfChunk(one.File, one.Index, rows[one.Handle], replicas[one.Handle], silent)));
        return found;
    }

    private async IAsyncEnumerable<FsckFinding?> UnreferredAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var chunk in state.ToRelease.Select(reference => reference.Chunk).Concat(state.ToConfirm.Keys)) unreferred.Remove(chunk);
        foreach (var inode in state.Releasing)
        {
            if (await store.LoadReleasingAsync(inode, cancellation) is not { } file) continue;
            foreach (var chunk in file.Chunks.Concat(file.Releasing)) unreferred.Remove(chunk);
        }

        foreach (var some in unreferred.All().Chunk(ChunksAtOnce))
        {
            ChunkHandle[] left = some;
            Dictionary<ChunkHandle, ChunkTableRow> rows = [];
            for (var look = 0; look < Looks && left.Length > 0; look++)
            {
                if (look > 0) await Task.Delay(BetweenLooks, time, cancellation);
                rows = await ask.DescribeAsync(left, cancellation);
                left = [.. left.Where(handle => FsckDecisions.OfUnreferred(rows[handle]) is not null)];
                yield return null;
            }

            foreach (var handle in left) yield return await RepairAsync(FsckDecisions.OfUnreferred(rows[handle])!, cancellation);
        }
    }

    private async IAsyncEnumerable<FsckFinding?> HeldAsync(ServerId server, [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (var shard = 0; shard < info.InitialConfig.ChunkTableShards; shard++)
        {
            var after = 0L;
            while (true)
            {
                if (await ask.ListAsync(server, shard, after, ListedAtOnce, cancellation) is not { } page)
                {
                    yield return FsckDecisions.OfSilent(server);
                    yield break;
                }

                foreach (var some in page.Replicas.Chunk(ChunksAtOnce * 4))
                {
                    await foreach (var finding in HeldAsync(server, some, cancellation)) yield return finding;
                }

                if (page.IsLast) break;
                after = page.Replicas[^1].Handle.Counter;
            }
        }
    }

    private async IAsyncEnumerable<FsckFinding?> HeldAsync(
        ServerId server, ReplicaReport[] replicas, [EnumeratorCancellation] CancellationToken cancellation)
    {
        List<FsckFinding> found = [];
        var left = replicas;
        for (var look = 0; look < Looks && left.Length > 0; look++)
        {
            if (look > 0)
            {
                await Task.Delay(BetweenLooks, time, cancellation);
                // What it held when it was listed it may hold no more, or under another version.
                left = await StillHeldAsync(server, left, cancellation);
                if (left.Length == 0) break;
            }

            var rows = await ask.DescribeAsync(left.Select(replica => replica.Handle), cancellation);
            var now = time.GetUtcNow();
            found = [.. left.Select(replica => FsckDecisions.OfHeld(server, replica, rows[replica.Handle], now, CollectingTakes)).OfType<FsckFinding>()];
            var suspicious = found.Select(finding => finding.Chunk).ToHashSet();
            left = [.. left.Where(replica => suspicious.Contains(replica.Handle))];
            yield return null;
        }

        if (left.Length == 0) yield break;
        foreach (var finding in found) yield return await RepairAsync(finding, cancellation);
    }

    private async Task<ReplicaReport[]> StillHeldAsync(ServerId server, ReplicaReport[] replicas, CancellationToken cancellation)
    {
        var first = replicas.Min(replica => replica.Handle.Counter);
        var wanted = replicas.Select(replica => replica.Handle).ToHashSet();
        return await ask.ListAsync(server, replicas[0].Handle.Shard, first - 1, ListedAtOnce, cancellation) is { } page
            ? [.. page.Replicas.Where(replica => wanted.Contains(replica.Handle))]
            : [];
    }

    private async Task<FsckFinding> RepairAsync(FsckFinding finding, CancellationToken cancellation)
    {
        if (finding.Repair == FsckRepair.Possible && request.Repair) return await FixAsync(finding, cancellation);
        if (finding.Repair != FsckRepair.Deletes || !request.Delete) return finding;
        // Not on this check's word alone: a file may have come to refer to it whose word has not reached its table yet.
        if ((await ask.WhichAreGarbageAsync([finding.Chunk], cancellation)).Length == 0)
            return finding with { Doing = "not deleted: a file that is being written may refer to it; check again later" };
        if (finding.Inode.Value > 0) await ask.ReleaseAsync(finding.Chunk, finding.Inode, cancellation);
        else if (finding.Server is not { } server) await ask.ReleaseAsync(finding.Chunk, cancellation);
        else if (!await ask.DeleteAsync(server, finding.Chunk, cancellation)) return finding with { Doing = "not deleted: its server did not answer" };
        return finding with { Repair = FsckRepair.Done, Doing = "deleted" };
    }

    private async Task<FsckFinding> FixAsync(FsckFinding finding, CancellationToken cancellation)
    {
        var view = await ask.ViewAsync(finding.Inode.Value, cancellation);
        var file = (await store.LoadAsync([(finding.Inode.Value, view)], cancellation))[0];
        if (finding.Check == FsckCheck.References && file.References().Contains(finding.Chunk))
        {
            await ask.ConfirmAsync(finding.Chunk, view.Goal > 0 ? view.Goal : state.Config.Goal, cancellation);
            if ((await ask.DescribeAsync([finding.Chunk], cancellation))[finding.Chunk].Files.Length > 0 || again.ContainsKey(finding.Chunk))
                await ask.ShareAsync(finding.Chunk, finding.Inode, cancellation);
            return finding with { Repair = FsckRepair.Done, Doing = "the chunk table knows it again" };
        }

        if (finding.Check == FsckCheck.Goals && view.Goal > 0 && file.References().Contains(finding.Chunk))
        {
            await ask.SetGoalAsync(finding.Chunk, finding.Inode, view.Goal, cancellation);
            return finding with { Repair = FsckRepair.Done, Doing = "the chunk table has the file's goal" };
        }

        if (finding.Check != FsckCheck.Sizes || !view.IsThere || view.IsOpen) return finding;
        await ask.TellLengthAsync(file, cancellation);
        return finding with { Repair = FsckRepair.Done, Doing = "the namespace shows what the file has" };
    }

    private static (long Inode, int Index, FsckCheck Check, ServerId? Server) KeyOf(FsckFinding finding) =>
        (finding.Inode.Value, finding.ChunkIndex, finding.Check, finding.Server);
}
