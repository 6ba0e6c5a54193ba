using Gofs.Files;
using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs.Tests.Simulation;

/// <summary>Appends records to files that others append to as well.</summary>
internal sealed class AppendingClient(SimChunkCluster cluster, AppendHistory history, IReadOnlyList<InodeNumber> files, string name, double rate)
    : FileClient(cluster, name, rate)
{
    protected override async Task UseAsync()
    {
        var inode = World.One(files);
        var (path, file) = (PathOf(inode), Grain(inode));
        var opened = await Cluster.Names.OpenAsync(Process, inode);
        var join = new JoinAppend(NextLease(), opened.WasOpen) { OpenedAt = opened.OpenedAt, IsPrepared = opened.IsPrepared, Goal = opened.Entry.Goal };
        var lease = await Context.Retry.RunAsync(path, (file, join), static (at, token) => at.file.JoinAppendAsync(at.join, token), CancellationToken.None);
        await using var pipeline = new AppendPipeline(Context, path, opened, new(Context, path, file, lease, join.OpenedAt), lease);
        for (var left = World.Random.Next(1, 15); left > 0 && !Stops; left--)
        {
            await Task.Delay(World.UpTo(100), Process.Clock);
            await Task.WhenAll(Enumerable.Range(0, World.Random.Next(1, 4)).Select(_ => AppendAsync(pipeline, inode)));
            Done++;
        }
    }

    private async Task AppendAsync(AppendPipeline pipeline, InodeNumber file)
    {
        var record = history.Next(World.Random.Next(World.Chance(100) ? 40_000 : 4_000));
        var buffer = TransferBuffer.Rent(Context.Buffers, record.Length);
        record.CopyTo(buffer.Memory);
        buffer.Length = record.Length;
        var at = await pipeline.AppendAsync(buffer, CancellationToken.None);
        Process.Note($"appended {record.Length} bytes to file {file.Value} at {at}");
        history.Acknowledge(file, at, record);
    }
}
