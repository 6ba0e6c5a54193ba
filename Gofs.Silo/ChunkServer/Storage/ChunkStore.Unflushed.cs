using Gofs.Chunks;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// Chunks whose writers never ask for a flush (durability <c>write</c> and <c>none</c>): each keeps its file open until it is flushed, so that they are flushed
/// when they become many, the oldest first, and whoever writes waits for that when they become too many.
/// </summary>
internal sealed partial class ChunkStore
{
    private const int FlushedAtOnce = 64;
    private static readonly TimeSpan BeforeAnotherTry = TimeSpan.FromSeconds(1);
    private readonly Lock unflushedGate = new();
    private Task flushingSome = Task.CompletedTask;

    /// <summary>Has some flushed when they are many; ends at once, unless they are too many.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.Busy"/>: the disks don't flush them in time.</exception>
    private async ValueTask BoundUnflushedAsync()
    {
        if (!open.HasManyUnflushed) return;
        Task flushing;
        lock (unflushedGate)
        {
            if (flushingSome.IsCompleted) flushingSome = FlushSomeAsync();
            flushing = flushingSome;
        }

        if (!open.IsFull) return;
        try
        {
            await flushing.WaitAsync(options.FlushTimeout, time);
        }
        catch (TimeoutException late)
        {
            throw new GofsException(GofsError.Busy, "too many chunks are not flushed, and the disks do not get on", options.ServerId, late);
        }
    }

    private async Task FlushSomeAsync()
    {
        await Task.CompletedTask.ConfigureAwait(options.Threads.Leave);
        while (open.TakeUnflushed(FlushedAtOnce) is { Length: > 0 } chunks)
        {
            var outcomes = await Task.WhenAll(chunks.Select(FlushOneAsync));
            if (outcomes.FirstOrDefault(one => one is not null) is not { } failure) continue;
            LogNotFlushed(logger, failure);
            await Task.Delay(BeforeAnotherTry, time);
        }
    }

    private async Task<GofsException?> FlushOneAsync(OpenChunk chunk)
    {
        try
        {
            await ChangeAsync(chunk.Handle, null, MakeDurableAsync, CancellationToken.None);
            return null;
        }
        catch (GofsException gone) when (gone.Error == GofsError.ChunkNotFound)
        {
            open.Forget(chunk);
            return null;
        }
        catch (GofsException gone) when (gone.Error == GofsError.DiskFailed)
        {
            // That was said, and there is nothing to flush any more.
            return null;
        }
        catch (GofsException failure)
        {
            return failure;
        }
        finally
        {
            chunk.Release();
        }
    }

    // Of one without bytes it is the head.
    private static Task MakeDurableAsync(ChunkFile file) =>
        file is { IsNew: true, IsDirty: false } ? file.SetVersionAsync(file.Head.Version) : file.FlushAsync().AsTask();

    [LoggerMessage(3008, LogLevel.Warning, "A chunk is not flushed; it is tried again")]
    private static partial void LogNotFlushed(ILogger logger, Exception why);
}
