using Gofs.ChunkServers;
using Gofs.Chunks;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>Writes and flushes on the way, and what is done when a replica fails under one.</summary>
internal sealed partial class WritePipeline
{
    /// <summary>Answers why it failed, or null. A buffer that a failed try may still be looking at is left to the collector.</summary>
    private async Task<GofsException?> SendAsync(ChunkPlacement chunk, ChunkWrite write, TransferBuffer buffer)
    {
        var (started, isFree) = (context.Time.GetTimestamp(), true);
        try
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    if (!await AvoidSuspectsAsync(chunk, tries, stop.Token))
                    {
                        var marks = await context.Transport.WriteAsync(chunk.Servers, write, chunk.Token, stop.Token);
                        if (opened.Config.Durability == Durability.Flush && !write.Durable) unflushed.Acknowledged(chunk, marks);
                        if (writable.Acknowledge(chunk, write.OffsetBytes + write.Data.Length)) break;
                        // Whoever was to change its replicas has failed: until somebody has, no write to them counts.
                        if (writable.IsGivenUp(await CurrentAsync(chunk.Index, stop.Token)))
                            throw new GofsException(GofsError.StaleVersion, "its replicas were to be changed", path.ToString());
                    }
                }
                catch (GofsException failure)
                {
                    isFree = false;
                    await MendAsync(chunk, failure, tries, started, stop.Token);
                }

                chunk = await CurrentAsync(chunk.Index, stop.Token);
                write = write with { Handle = chunk.Handle, Version = chunk.Version, LeastLengthBytes = writable.LeastLengthOf(chunk.Handle) };
            }

            if (isFree) buffer.Return();
            return null;
        }
        catch (Exception failure)
        {
            return Failures.Translate(failure, path);
        }
    }

    private async Task FlushAsync(int index, CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            var chunk = await CurrentAsync(index, cancellation);
            try
            {
                var access = new ChunkAccess(chunk.Handle, chunk.Version, chunk.Token) { LeastLengthBytes = writable.LeastLengthOf(chunk.Handle) };
                unflushed.Flushed(chunk, await context.Transport.FlushAsync(chunk.Servers, access, cancellation));
                return;
            }
            catch (GofsException failure)
            {
                await MendAsync(chunk, failure, tries, started, cancellation);
            }
        }
    }

    /// <summary>The chunk at an index, when its replicas are not being changed any more.</summary>
    private async ValueTask<ChunkPlacement> CurrentAsync(int index, CancellationToken cancellation)
    {
        Task? running;
        lock (recovering) recovering.TryGetValue(index, out running);
        if (running is not null)
        {
            await running.WaitAsync(cancellation).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        cancellation.ThrowIfCancellationRequested();
        return writable.Find(index) ?? throw new GofsException(GofsError.Internal, $"chunk {index} is not placed", path.ToString());
    }

    /// <summary>Makes another try worth while, or throws why there is none.</summary>
    private async Task MendAsync(ChunkPlacement chunk, GofsException failure, int tries, long started, CancellationToken cancellation)
    {
        var access = new ChunkAccess(chunk.Handle, chunk.Version, chunk.Token);
        // Another version: an earlier change of the replicas went only half way.
        var isHalfWay = failure.Error == GofsError.StaleVersion;
        var failed = isHalfWay ? context.Suspects.Among(chunk.Servers)
            : await doctor.FindFailedAsync(chunk.Servers, access, failure, tries, cancellation);
        var delay = context.Retry.DelayAfter(tries);
        if (context.Time.GetElapsedTime(started) + delay >= context.Retry.OperationTimeout)
            throw Failures.GaveUp(failure, context.Retry.OperationTimeout, path);
        if (isHalfWay || (failed.Length > 0 && CanSpare(chunk, failed)))
        {
            if (await TryRecoverAsync(chunk, failed, cancellation)) return;
        }
        else if (failed.Length > 0 && !Failures.IsTransient(failure.Error))
        {
            // The disk is full or broken, and there is no replica to spare.
            throw failure;
        }

        await Task.Delay(delay, context.Time, cancellation);
    }

    private bool CanSpare(ChunkPlacement chunk, ServerId[] failed) => chunk.Servers.Length - failed.Length >= Math.Max(1, opened.Config.MinReplicas);

    // A chunk that was just placed, or is being written, and has a server that does not answer: there is no use in waiting for it again.
    private async ValueTask<bool> AvoidSuspectsAsync(ChunkPlacement chunk, int tries, CancellationToken cancellation)
    {
        var suspects = await doctor.StillSilentAsync(chunk.Servers, new(chunk.Handle, chunk.Version, chunk.Token), cancellation);
        if (suspects.Length == 0 || !CanSpare(chunk, suspects)) return false;
        if (tries > 0) await Task.Delay(context.Retry.DelayAfter(tries), context.Time, cancellation);
        return await TryRecoverAsync(chunk, suspects, cancellation);
    }

    // Once for all writes to the chunk that have failed. False: not now.
    private async Task<bool> TryRecoverAsync(ChunkPlacement chunk, ServerId[] without, CancellationToken cancellation)
    {
        Task running;
        lock (recovering)
        {
            if (!recovering.TryGetValue(chunk.Index, out running!) || running.IsCompleted)
                recovering[chunk.Index] = running = context.Pool.RunAsync(() => RecoverAsync(chunk, without));
        }

        try
        {
            await running.WaitAsync(cancellation);
            return true;
        }
        catch (GofsException refused) when (refused.Error == GofsError.ChunkUnavailable)
        {
            return false;
        }
    }

    private async Task RecoverAsync(ChunkPlacement chunk, ServerId[] without)
    {
        if (writable.GiveUp(chunk) is not { } isEmpty) return;
        var now = await leased.PlaceAsync(
            (at, id, token) => at.RecoverChunkAsync(new(id, chunk.Index, chunk.Handle, chunk.Version, without, isEmpty), token), writable.Place, stop.Token);
        // A copy, because a clone has the chunk too: it has what the former had.
        if (now.Handle != chunk.Handle && !isEmpty) unflushed.Moved(chunk.Handle, now.Handle);
    }
}
