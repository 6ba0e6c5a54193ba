using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>A check finds nothing where nothing is wrong, and what was planted where something is; a repair takes nothing away that is anybody's.</summary>
public abstract class FsckConformance(IServedSystem system) : ConformanceTests(system)
{
    private const int ChunkBytes = 64 << 10;

    [Fact]
    public async Task Check_AfterAllSortsOfWork_IsClean()
    {
        var files = await WorkedOnAsync();
        Told told = new();
        Assert.Empty(await FindingsAsync(files, progress: told));
        // A chunk that clones share is looked at once.
        Assert.True(told.Last is { EditLogNumber: > 0, Inodes: > 8, Chunks: > 15, Replicas: > 10, Findings: 0 }, told.Last.ToString());
        Assert.Empty(await FindingsAsync(files, "/d"));
        await using var open = await files.OpenAsync(At("/open"), FileMode.Create, FileAccess.Write, cancellation: Cancellation);
        await open.WriteAsync(Bytes(100_000, seed: 9), Cancellation);
        Assert.Empty(await FindingsAsync(files));
        var missing = await Assert.ThrowsAsync<GofsException>(() => FindingsAsync(files, "/nothing"));
        Assert.Equal(GofsError.NotFound, missing.Error);
    }

    /// <summary>All at once, each in a namespace of its own: a check that finds something waits between its looks, and nearly all do.</summary>
    [Fact]
    public Task PlantedFaults_AreFound_AndARepairTakesNothingAway() => Task.WhenAll(
        DeletedReplicaFile_IsFound_OrMadeAgainFromAnotherAsync(),
        CutReplicaFile_IsFound_OrRepairedFromAnotherAsync(),
        ChunkTheTableWasToldToLetGo_IsFound_AndKnownAgainAfterARepairAsync(),
        ChunkOfNoFile_IsFound_AndLetGoOnlyWhenThatIsAllowedAsync(),
        ReplicaOfAChunkThatNeverWas_IsFound_AndDeletedOnlyWhenThatIsAllowedAsync(),
        SharesThatAChunkTableCountsWrong_AreFound_AndPutRightAsync());

    private async Task DeletedReplicaFile_IsFound_OrMadeAgainFromAnotherAsync()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", Bytes(ChunkBytes, seed: 1));
        var chunk = await ChunkAsync(files, "/f");
        File.Delete(await FileOfAsync(chunk.Servers[0], chunk.Handle));
        var found = await FindingsAsync(files);
        if (chunk.Servers.Length > 1)
        {
            // It may have been made again from another before it was looked at for the third time.
            Assert.All(found, finding => Assert.True(finding.Check is FsckCheck.Replicas or FsckCheck.Goals, finding.What));
            Assert.DoesNotContain(found, finding => finding.Severity == FsckSeverity.Lost);
            return;
        }

        var gone = Assert.Single(found, finding => finding.Check == FsckCheck.Replicas);
        Assert.Equal((At("/f"), chunk.Handle, 0, chunk.Servers[0]), (gone.Path!.Value, gone.Chunk, gone.ChunkIndex, gone.Server));
        Assert.Equal(FsckSeverity.Lost, Assert.Single(found, finding => finding.Check == FsckCheck.Goals).Severity);
    }

    private async Task CutReplicaFile_IsFound_OrRepairedFromAnotherAsync()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", Bytes(ChunkBytes, seed: 2));
        var chunk = await ChunkAsync(files, "/f");
        using (var cut = new FileStream(await FileOfAsync(chunk.Servers[0], chunk.Handle), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            cut.SetLength(cut.Length - 1000);
        if (chunk.Servers.Length > 1)
        {
            await UntilAsync(async () => (await FindingsAsync(files)).Length == 0, "the cut replica is repaired from another");
            return;
        }

        var found = await FindingsAsync(files);
        Assert.Contains(found, finding => finding is { Check: FsckCheck.Replicas, Severity: FsckSeverity.Fault } && finding.Server == chunk.Servers[0]);
        Assert.Contains(found, finding => finding is { Check: FsckCheck.Goals, Severity: FsckSeverity.Lost });
    }

    private async Task ChunkTheTableWasToldToLetGo_IsFound_AndKnownAgainAfterARepairAsync()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", Bytes(1000, seed: 3));
        var chunk = await ChunkAsync(files, "/f");
        // A put is confirmed in the background: let go of before, the table would be told of it again.
        await UntilAsync(async () => (await Table(chunk.Handle).DescribeAsync([chunk.Handle], Cancellation))[0].IsReferred, "the put is confirmed");
        await Table(chunk.Handle).ReleaseAsync([chunk.Handle], Cancellation);
        var found = Assert.Single(await FindingsAsync(files), finding => finding.Check == FsckCheck.References);
        Assert.Equal((At("/f"), chunk.Handle, FsckRepair.Possible), (found.Path!.Value, found.Chunk, found.Repair));
        var repaired = Assert.Single(await FindingsAsync(files, repair: true), finding => finding.Check == FsckCheck.References);
        Assert.Equal(FsckRepair.Done, repaired.Repair);
        Assert.True((await Table(chunk.Handle).DescribeAsync([chunk.Handle], Cancellation))[0].IsReferred);
        Assert.DoesNotContain(await FindingsAsync(files), finding => finding.Check == FsckCheck.References);
    }

    private async Task ChunkOfNoFile_IsFound_AndLetGoOnlyWhenThatIsAllowedAsync()
    {
        var files = await NamespaceAsync();
        var status = await files.GetStatusAsync(Cancellation);
        var table = Client.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(status.Number, 0));
        var chunk = await table.AllocateAsync(new(99), 1, TimeSpan.FromMinutes(1), Cancellation);
        await table.ConfirmAsync([chunk.Handle], 1, Cancellation);
        foreach (var repair in new[] { false, true })
        {
            var found = Assert.Single(await FindingsAsync(files, repair: repair));
            Assert.Equal((FsckCheck.References, chunk.Handle, FsckRepair.Deletes), (found.Check, found.Chunk, found.Repair));
        }

        Assert.Equal(FsckRepair.Done, Assert.Single(await FindingsAsync(files, repair: true, delete: true)).Repair);
        Assert.Empty(await FindingsAsync(files));
    }

    private async Task ReplicaOfAChunkThatNeverWas_IsFound_AndDeletedOnlyWhenThatIsAllowedAsync()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", Bytes(1000, seed: 4));
        var status = await files.GetStatusAsync(Cancellation);
        var server = (await ChunkAsync(files, "/f")).Servers[0];
        var orphan = ChunkHandle.Create(status.Number, 3, 1L << 33);
        await Client.Grains.GetGrain<IChunkServerGrain>(server.Value).CreateAsync(orphan, ChunkBytes, Cancellation);
        var found = Assert.Single(await FindingsAsync(files, repair: true));
        Assert.Equal((FsckCheck.Orphans, orphan, server, FsckRepair.Deletes), (found.Check, found.Chunk, found.Server!.Value, found.Repair));
        Assert.Equal(FsckRepair.Done, Assert.Single(await FindingsAsync(files, repair: true, delete: true)).Repair);
        Assert.Empty(await FindingsAsync(files));
        await HasAsync(files, "/f", Bytes(1000, seed: 4));
    }

    private async Task SharesThatAChunkTableCountsWrong_AreFound_AndPutRightAsync()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", Bytes(1000, seed: 5));
        await files.CloneAsync(At("/f"), At("/g"), Cancellation);
        var chunk = (await ChunkAsync(files, "/f")).Handle;
        await UntilAsync(async () => (await Table(chunk).DescribeAsync([chunk], Cancellation))[0].Files.Length == 2, "the table is told of the clone");
        var shares = Client.Grains.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(chunk));
        var clone = (await files.StatAsync(At("/g"), cancellation: Cancellation)).Inode;
        await shares.ReleaseReferencesAsync([new(chunk, clone.Value)], Cancellation);
        await shares.ShareAsync([new(chunk, clone.Value, 999)], Cancellation);
        var found = (await FindingsAsync(files, repair: true, delete: true)).OrderBy(finding => finding.Inode.Value).ToArray();
        Assert.Equal([(clone.Value, FsckRepair.Done), (999, FsckRepair.Done)], found.Select(finding => (finding.Inode.Value, finding.Repair)));
        Assert.Empty(await FindingsAsync(files));
        await files.RemoveAsync(At("/f"), skipTrash: true, cancellation: Cancellation);
        await HasAsync(files, "/g", Bytes(1000, seed: 5));
    }

    private async Task<GofsNamespace> WorkedOnAsync()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        for (var i = 0; i < 4; i++) await PutAsync(files, $"/d/small{i}", Bytes(1000 * i, seed: i));
        await PutAsync(files, "/large", Bytes((3 * ChunkBytes) + 5, seed: 5));
        await PutAsync(files, "/replaced", Bytes(500, seed: 6));
        await PutAsync(files, "/replaced", Bytes(ChunkBytes + 1, seed: 7));
        await files.CreateSymlinkAsync(At("/l"), Utf8("d/small1"), cancellation: Cancellation);
        await using (var file = await files.OpenAsync(At("/sparse"), FileMode.Create, FileAccess.Write, cancellation: Cancellation))
        {
            await file.WriteAsync(Bytes(10, seed: 8), Cancellation);
            file.Position = 2 * ChunkBytes;
            await file.WriteAsync(Bytes(10, seed: 8), Cancellation);
        }

        await using (var appender = await files.OpenAppenderAsync(At("/log"), cancellation: Cancellation))
        {
            for (var i = 0; i < 5; i++) await appender.AppendAsync(Bytes(5000, seed: i), Cancellation);
        }

        await files.CloneAsync(At("/d"), At("/e"), Cancellation);
        await files.CloneAsync(At("/large"), At("/e/large"), Cancellation);
        await using (var file = await files.OpenAsync(At("/large"), FileMode.Open, FileAccess.ReadWrite, cancellation: Cancellation))
            await file.WriteAsync(Bytes(10, seed: 9), Cancellation);
        await files.RenameAsync(At("/d/small2"), At("/moved"), cancellation: Cancellation);
        await files.RemoveAsync(At("/d/small1"), cancellation: Cancellation);
        await files.RemoveAsync(At("/d/small3"), skipTrash: true, cancellation: Cancellation);
        return files;
    }

    private static async Task<FsckFinding[]> FindingsAsync(
        GofsNamespace files, string path = "/", bool repair = false, bool delete = false, IProgress<FsckCounts>? progress = null)
    {
        List<FsckFinding> found = [];
        await foreach (var finding in files.CheckAsync(At(path), repair, delete, progress: progress, cancellation: Cancellation)) found.Add(finding);
        return [.. found];
    }

    private static async Task<ChunkPlacement> ChunkAsync(GofsNamespace files, string path) =>
        (await files.GetLayoutAsync(At(path), 0, 1, Cancellation)).Chunks[0];

    private async Task<string> FileOfAsync(ServerId server, ChunkHandle handle)
    {
        var status = await Client.Grains.GetGrain<IChunkServerGrain>(server.Value).GetStatusAsync(Cancellation);
        return status.Disks.SelectMany(disk => Directory.GetFiles(disk.Path, $"{handle}.chunk", SearchOption.AllDirectories)).Single();
    }

    private IChunkTableGrain Table(ChunkHandle handle) => Client.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(handle));

    private sealed class Told : IProgress<FsckCounts>
    {
        public FsckCounts Last { get; private set; }

        public void Report(FsckCounts value) => Last = value;
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedFsckTests(EmbeddedSystem system) : FsckConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterFsckTests(ClusterSystem system) : FsckConformance(system);
