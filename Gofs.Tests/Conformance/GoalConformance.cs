using Gofs.Chunks;
using Gofs.Files;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Goals: set and seen, kept by whatever happens to the name, and reached by the chunks.</summary>
public abstract class GoalConformance(IServedSystem system) : ConformanceTests(system)
{
    private const int ChunkBytes = 64 << 10;
    private int Silos { get; } = system.Silos;

    [Fact]
    public async Task Goal_RaisedAndLowered_IsReachedByEveryChunk_AndTheBytesStay()
    {
        var files = await NamespaceAsync(Config with { Goal = 1 });
        var (large, small) = (Bytes((2 * ChunkBytes) + 5, seed: 1), Bytes(1000, seed: 2));
        await PutAsync(files, "/large", large);
        await PutAsync(files, "/small", small);
        await files.CloneAsync(At("/small"), At("/clone"), Cancellation);
        foreach (var goal in new[] { Silos, Math.Max(1, Silos - 1) })
        {
            List<Entry> told = [];
            Assert.Equal(new GoalChange(3, 1), await files.SetGoalAsync(GofsPath.Root, goal, recursive: true, cancellation: Cancellation));
            await WaitAsync(files, "/", recursive: true, new Telling(told));
            Assert.Equal(["clone", "large", "small"], told.Select(entry => entry.NameText));
            foreach (var path in (string[])["/large", "/small", "/clone"])
                Assert.All(await ChunksAsync(files, path), chunk => Assert.Equal((goal, goal), (chunk.Goal, chunk.Servers.Length)));
        }

        await HasAsync(files, "/large", large);
        await HasAsync(files, "/clone", small);
        await foreach (var finding in files.CheckAsync(GofsPath.Root, cancellation: Cancellation)) Assert.Fail(finding.What);
    }

    [Fact]
    public async Task Goal_IsSeen_AndStaysWithTheFile()
    {
        var files = await NamespaceAsync(Config with { Goal = 1 });
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await PutAsync(files, "/d/f", 1);
        Assert.Equal((0, 1), (await GoalAsync(files, "/d"), await GoalAsync(files, "/d/f")));
        Assert.Equal(new GoalChange(1, 0), await files.SetGoalAsync(At("/d/f"), 2, cancellation: Cancellation));
        Assert.Equal(new GoalChange(0, 1), await files.SetGoalAsync(At("/d"), 3, cancellation: Cancellation));
        Assert.Equal((3, 2), (await GoalAsync(files, "/d"), await GoalAsync(files, "/d/f")));
        await files.RenameAsync(At("/d/f"), At("/f"), cancellation: Cancellation);
        await files.CloneAsync(At("/f"), At("/d/g"), Cancellation);
        await files.RemoveAsync(At("/f"), cancellation: Cancellation);
        await foreach (var item in files.ListTrashAsync(Cancellation)) await files.RestoreAsync(item.Id, At("/h"), Cancellation);
        Assert.Equal((2, 2), (await GoalAsync(files, "/d/g"), await GoalAsync(files, "/h")));
        await PutAsync(files, "/d/new", 1);
        await using (var file = await files.OpenAsync(At("/d/stream"), FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation))
            await file.WriteAsync(Bytes(10, seed: 1), Cancellation);
        Assert.Equal((3, 3), (await GoalAsync(files, "/d/new"), await GoalAsync(files, "/d/stream")));
        Assert.Equal(3, (await ChunksAsync(files, "/d/stream")).Single().Goal);
        Assert.Equal(new GoalChange(0, 1), await files.ResetGoalAsync(At("/d"), cancellation: Cancellation));
        Assert.Equal((0, 3), (await GoalAsync(files, "/d"), await GoalAsync(files, "/d/new")));
    }

    [Fact]
    public async Task SmallFile_InADirectoryThatWantsMore_HasAllItsReplicasAtOnce()
    {
        var files = await NamespaceAsync(Config with { Goal = 1 });
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await files.SetGoalAsync(At("/d"), Silos, cancellation: Cancellation);
        await PutAsync(files, "/d/f", 1, 2, 3);
        Assert.Equal(Silos, Assert.Single(await ChunksAsync(files, "/d/f")).Servers.Length);
        await HasAsync(files, "/d/f", 1, 2, 3);
    }

    [Fact]
    public async Task NewGoalOfTheNamespace_IsThatOfNewFiles()
    {
        var files = await NamespaceAsync(Config with { Goal = 1 });
        await PutAsync(files, "/before", 1);
        await files.SetConfigAsync(Config with { Goal = 2 }, Cancellation);
        await PutAsync(files, "/after", 1);
        Assert.Equal((1, 2), (await GoalAsync(files, "/before"), await GoalAsync(files, "/after")));
        await UntilAsync(async () => (await ChunksAsync(files, "/after")).Single().Goal == 2, "the chunk table wants two replicas of the new file");
        Assert.Equal(1, (await ChunksAsync(files, "/before")).Single().Goal);
    }

    [Fact]
    public async Task FileThatIsWrittenMeanwhile_HasItsGoalInEveryChunk()
    {
        var files = await NamespaceAsync(Config with { Goal = 1 });
        await using (var file = await files.OpenAsync(At("/f"), FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation))
        {
            await file.WriteAsync(Bytes(ChunkBytes, seed: 1), Cancellation);
            await file.FlushAsync(Cancellation);
            await files.SetGoalAsync(At("/f"), Silos, cancellation: Cancellation);
            await UntilAsync(async () => !(await files.StatAsync(At("/f"), cancellation: Cancellation)).IsGoalPending, "the file is told");
            await file.WriteAsync(Bytes(ChunkBytes, seed: 2), Cancellation);
        }

        await using (var appender = await files.OpenAppenderAsync(At("/log"), cancellation: Cancellation))
        {
            await appender.AppendAsync(Bytes(10, seed: 3), Cancellation);
            await files.SetGoalAsync(At("/log"), Silos, cancellation: Cancellation);
        }

        await WaitAsync(files, "/f");
        await WaitAsync(files, "/log");
        Assert.Equal([Silos, Silos], (await ChunksAsync(files, "/f")).Select(chunk => chunk.Servers.Length));
        Assert.Equal([Silos], (await ChunksAsync(files, "/log")).Select(chunk => chunk.Servers.Length));
        await HasAsync(files, "/f", [.. Bytes(ChunkBytes, seed: 1), .. Bytes(ChunkBytes, seed: 2)]);
    }

    [Fact]
    public async Task GoalOutOfRange_OrOfNothing_IsRefused_AndMoreThanThereAreServersIsWaitedForInVain()
    {
        var files = await NamespaceAsync(Config with { Goal = 1 });
        await PutAsync(files, "/f", 1);
        foreach (var goal in new[] { 0, 10 })
            await RefusedAsync(GofsError.InvalidArgument, "/f", () => files.SetGoalAsync(At("/f"), goal, cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/nothing", () => files.SetGoalAsync(At("/nothing"), 2, cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/nothing", () => files.WaitForGoalAsync(At("/nothing"), cancellation: Cancellation));
        Assert.Equal(1, await GoalAsync(files, "/f"));
        await files.SetGoalAsync(At("/f"), NamespaceConfig.MostReplicas, cancellation: Cancellation);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var waiting = files.WaitForGoalAsync(At("/f"), cancellation: impatient.Token);
        await UntilAsync(async () => (await ChunksAsync(files, "/f")).Single().Goal == NamespaceConfig.MostReplicas, "the chunk table is told");
        Assert.False(waiting.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static async Task WaitAsync(GofsNamespace files, string path, bool recursive = false, IProgress<Entry>? progress = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await files.WaitForGoalAsync(At(path), recursive, progress, patience.Token);
    }

    private static async Task<ChunkPlacement[]> ChunksAsync(GofsNamespace files, string path) =>
        (await files.GetLayoutAsync(At(path), 0, 10, Cancellation)).Chunks;

    private static async Task<int> GoalAsync(GofsNamespace files, string path) => (await files.StatAsync(At(path), cancellation: Cancellation)).Goal;

    private sealed class Telling(List<Entry> told) : IProgress<Entry>
    {
        public void Report(Entry value) => told.Add(value);
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedGoalTests(EmbeddedSystem system) : GoalConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterGoalTests(ClusterSystem system) : GoalConformance(system);
