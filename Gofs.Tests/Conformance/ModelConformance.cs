using System.Globalization;
using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Gofs.Tests.Namespaces;
using Gofs.Tests.Sdk;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Random operations, seeded: what is there afterwards is what a simple model says, on every file system the same.</summary>
public abstract class ModelConformance(IServedSystem system) : ConformanceTests(system)
{
    private const int TreeSteps = 150;
    private const int FileSteps = 80;
    private const int WorkerOperations = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task RandomTreeCommands_LeaveWhatAModelOfPathsSays(int seed)
    {
        var files = await NamespaceAsync();
        var random = new Random(seed);
        var model = new SortedDictionary<string, char>(StringComparer.Ordinal);
        List<string> steps = [];
        for (var step = 0; step < TreeSteps; step++)
        {
            var (kind, from, to) = (random.Next(9), RandomPath(random), RandomPath(random));
            if (kind == 7) continue;
            steps.Add(string.Create(CultureInfo.InvariantCulture, $"{kind} {from} {to}"));
            var expected = PathModel.TryDo(model, kind, from, to);
            var done = await TryDoAsync(files, kind, At(from), At(to));
            Assert.True(expected == done, $"seed {seed}: {(done ? "accepted" : "refused")}: {string.Join("; ", steps.TakeLast(12))}");
        }

        var found = new SortedDictionary<string, char>(StringComparer.Ordinal);
        await WalkAsync(files, GofsPath.Root, found);
        Assert.Equal(model, found);
        Assert.Equal((model.Values.Count(type => type == 'f'), model.Values.Count(type => type == 'd') + 1),
            await files.CountAsync(GofsPath.Root, Cancellation) is var count ? (count.Files, count.Directories) : default);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task RandomFileOperations_AreAsOnALocalFile(int seed)
    {
        var files = await NamespaceAsync();
        var folder = Directory.CreateTempSubdirectory("gofs-test-").FullName;
        try
        {
            await using var model = new FileModel(files, At("/file"), Path.Combine(folder, "local"), seed);
            await model.RunAsync(FileSteps, Cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task WorkersAtOnce_FindWhatEachWasAcknowledged()
    {
        var files = await NamespaceAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var workers = Enumerable.Range(0, 4).Select(number => new CrashWorker(number, seed: 100 + number)).ToArray();
        var work = Task.WhenAll(workers.Select(worker => worker.WorkAsync(files, stop.Token)));
        while (!work.IsCompleted && workers.Sum(worker => worker.Done) < WorkerOperations) await Task.Delay(20, Cancellation);
        await stop.CancelAsync();
        await work;
        foreach (var worker in workers) await worker.CheckAsync(files, Cancellation);
    }

    private static string RandomPath(Random random) =>
        string.Concat(Enumerable.Range(0, 1 + random.Next(3)).Select(_ => string.Create(CultureInfo.InvariantCulture, $"/n{random.Next(4)}")));

    private static async Task<bool> TryDoAsync(GofsNamespace files, int kind, GofsPath path, GofsPath to)
    {
        try
        {
            await (kind switch
            {
                0 or 1 => files.CreateDirectoryAsync(path, cancellation: Cancellation),
                2 => CreateAsync(files, path),
                3 or 4 => files.RenameAsync(path, to, cancellation: Cancellation),
                5 => files.RemoveAsync(path, cancellation: Cancellation),
                6 => files.RemoveAsync(path, recursive: true, skipTrash: path == to, Cancellation),
                _ => files.PutAsync(path, new MemoryStream([1, 2, 3]), cancellation: Cancellation),
            });
            return true;
        }
        catch (GofsException refused) when (refused.Error is GofsError.NotFound or GofsError.AlreadyExists or GofsError.NotADirectory
            or GofsError.IsADirectory or GofsError.DirectoryNotEmpty or GofsError.NotPermitted)
        {
            return false;
        }
    }

    private static async Task CreateAsync(GofsNamespace files, GofsPath path)
    {
        var file = await files.OpenAsync(path, FileMode.CreateNew, FileAccess.Write, cancellation: Cancellation);
        await file.DisposeAsync();
    }

    private static async Task WalkAsync(GofsNamespace files, GofsPath directory, SortedDictionary<string, char> found)
    {
        await foreach (var entry in files.ListAsync(directory, Cancellation))
        {
            var path = directory.Append(entry.Name);
            found.Add(path.ToString(), entry.Type == EntryType.Directory ? 'd' : 'f');
            if (entry.Type == EntryType.Directory) await WalkAsync(files, path, found);
        }
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedModelTests(EmbeddedSystem system) : ModelConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterModelTests(ClusterSystem system) : ModelConformance(system);
