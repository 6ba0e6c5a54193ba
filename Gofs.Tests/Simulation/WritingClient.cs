using Gofs.Files;
using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs.Tests.Simulation;

/// <summary>Writes to a file here and there, mostly at its end, flushes and cuts it; another does the same, so they wait for each other's lease.</summary>
internal sealed class WritingClient(SimChunkCluster cluster, WriteHistory history, IReadOnlyList<InodeNumber> files, string name, double rate)
    : FileClient(cluster, name, rate)
{
    private const int Cell = WriteHistory.CellBytes;
    private const int MostCells = 500;

    protected override async Task UseAsync()
    {
        var inode = World.One(files);
        var (path, file) = (PathOf(inode), Grain(inode));
        var opened = await Cluster.Names.OpenAsync(Process, inode);
        var ask = new AcquireLease(NextLease(), SimNamespace.Name, FirstChunk: World.Chance(500))
        {
            WasOpen = opened.WasOpen, OpenedAt = opened.OpenedAt, IsPrepared = opened.IsPrepared, Goal = opened.Entry.Goal,
        };
        var flushed = history.Expect(inode);
        var lease = await LeasedFile.AcquireAsync(Context, path, file, new(ask), CancellationToken.None);
        history.CheckLength(inode, flushed, lease.LengthBytes);
        var session = history.Begin(inode, lease.LengthBytes);
        Process.Note($"writes file {inode.Value}, which has {lease.LengthBytes} bytes, as {session.Number}");
        await using var pipeline = new WritePipeline(Context, path, file, opened, lease, atomic: false);
        for (var left = World.Random.Next(1, 12); left > 0 && !Stops; left--)
        {
            await Task.Delay(World.UpTo(World.Chance(100) ? 3000 : 300), Process.Clock);
            await WriteAsync(pipeline, session);
            if (World.Chance(400)) await EndAsync(session, () => pipeline.FlushAsync(CancellationToken.None));
            if (World.Chance(60)) await CutAsync(pipeline, session);
        }

        if (World.Chance(700)) await EndAsync(session, () => pipeline.CloseAsync(null, CancellationToken.None));
    }

    private async Task WriteAsync(WritePipeline pipeline, WriteHistory.Session session)
    {
        var end = session.LengthBytes / Cell;
        var first = end < MostCells && World.Chance(700) ? end : World.Random.NextInt64(end + 1);
        var count = World.Random.Next(1, World.Chance(200) ? 80 : 12);
        Process.Note($"writes cells {first} to {first + count}");
        await pipeline.WriteAsync(first * Cell, history.Send(session, first, count), CancellationToken.None);
    }

    private async Task CutAsync(WritePipeline pipeline, WriteHistory.Session session)
    {
        var count = World.Random.NextInt64((session.LengthBytes / Cell) + 1);
        Process.Note($"cuts the file to {count} cells");
        history.Cutting(session, count);
        await pipeline.SetLengthAsync(count * Cell, CancellationToken.None);
        Process.Note("has cut it");
        history.Cut(session, count);
    }

    private async Task EndAsync(WriteHistory.Session session, Func<Task> end)
    {
        await end();
        Process.Note($"flushed {session.LengthBytes} bytes");
        history.Flushed(session);
        Done++;
    }
}
