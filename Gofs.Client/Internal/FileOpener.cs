using Gofs.Chunks;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>Finds a file by its path and opens it: for readers its layout, for a writer its lease.</summary>
internal sealed class FileOpener(ClientContext context, string namespaceName, NamespaceMaster master, NamespaceNumber number)
{
    /// <summary>The file at a path.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.IsADirectory"/>.</exception>
    public async Task<Entry> FindAsync(GofsPath path, CancellationToken cancellation)
    {
        var entry = await master.LookupAsync(path, followLast: true, cancellation)
            ?? throw new GofsException(GofsError.NotFound, "there is no such file or directory", path.ToString());
        if (entry.Type == EntryType.Directory)
            throw new GofsException(GofsError.IsADirectory, "this is a directory", path.ToString());
        return entry;
    }

    /// <summary>The grain of the file at a path, by the number that the namespace has now.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NotFound"/>, <see cref="GofsError.IsADirectory"/>.</exception>
    public async Task<IFileGrain> FindGrainAsync(GofsPath path, CancellationToken cancellation)
    {
        var entry = await FindAsync(path, cancellation);
        return File(await number.RefreshAsync(cancellation), entry.Inode);
    }

    /// <summary>A planner that knows the length and the first chunks.</summary>
    public async Task<ReadPlanner> OpenForReadingAsync(GofsPath path, Entry entry, CancellationToken cancellation)
    {
        if (entry.OnlyChunk != ChunkHandle.None)
            return new ReadPlanner(context, File(entry.OnlyChunk.NamespaceNumber, entry.Inode), path, entry);
        var known = await number.GetAsync(cancellation);
        var planner = new ReadPlanner(context, File(known, entry.Inode), path);
        GofsException? gone = null;
        try
        {
            await planner.RefreshAsync(0, cancellation);
            if (planner.LengthBytes >= entry.LengthBytes) return planner;
        }
        catch (GofsException failure) when (failure.Error is GofsError.NotFound or GofsError.NamespaceNotFound)
        {
            gone = failure;
        }

        // Shorter than the namespace says, or gone: perhaps the number is that of a namespace of this name that is no more.
        if (await number.RefreshAsync(cancellation) == known) return gone is null ? planner : throw gone;
        planner = new ReadPlanner(context, File(number.Known, entry.Inode), path);
        await planner.RefreshAsync(0, cancellation);
        return planner;
    }

    /// <summary>Opens or creates a file and takes its writer lease; with <paramref name="truncate"/> it is empty then.</summary>
    /// <param name="path">Where.</param>
    /// <param name="ownership">Of a new file.</param>
    /// <param name="create">Create it when it is not there.</param>
    /// <param name="exclusive">Refuse when it is there.</param>
    /// <param name="truncate">Cut it to nothing.</param>
    /// <param name="firstChunk">Whether bytes are going to be written for sure or likely: have a chunk for them.</param>
    /// <param name="atomic">Make a new file in any case, which takes the path when it is closed and not before.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<(OpenedFile Opened, IFileGrain File, WritePipeline Pipeline)> OpenForWritingAsync(
        GofsPath path, Ownership ownership, bool create, bool exclusive, bool truncate, bool firstChunk, bool atomic, CancellationToken cancellation)
    {
        var command = new OpenForWriting(OpId.New(), path, ownership, create, exclusive, atomic);
        var (opened, file) = await OpenAsync(path, command, cancellation);
        var ask = new AcquireLease(LeaseId.New(), namespaceName, firstChunk && (!truncate || opened.Entry.LengthBytes == 0))
        {
            WasOpen = opened.WasOpen,
            OpenedAt = opened.OpenedAt,
            IsPrepared = opened.IsPrepared,
            Goal = opened.Entry.Goal,
        };
        var lease = await AcquireAsync(path, file, ask, cancellation);
        Check(path, lease);
        var pipeline = new WritePipeline(context, path, file, opened, lease, atomic);
        try
        {
            if (truncate && lease.LengthBytes > 0) await pipeline.SetLengthAsync(0, cancellation);
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }

        return (opened, file, pipeline);
    }

    private async Task<WriterLease> AcquireAsync(GofsPath path, IFileGrain file, AcquireLease ask, CancellationToken cancellation)
    {
        var (started, asking) = (context.Time.GetTimestamp(), new LeaseAsking(ask));
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await context.Caller.AsksAsync(() => LeasedFile.AcquireAsync(context, path, file, asking, cancellation));
            }
            catch (GofsException away) when (away.Error == GofsError.ChunkUnavailable && context.Time.GetElapsedTime(started) < PatienceWith(away.Error))
            {
                await Task.Delay(context.Retry.DelayAfter(tries), context.Time, cancellation);
            }
        }
    }

    /// <summary>Opens or creates a file to append records to it.</summary>
    public async Task<AppendPipeline> OpenForAppendingAsync(GofsPath path, Ownership ownership, CancellationToken cancellation)
    {
        var command = new OpenForWriting(OpId.New(), path, ownership, Create: true, Exclusive: false, Atomic: false);
        var (opened, file) = await OpenAsync(path, command, cancellation);
        var join = new JoinAppend(LeaseId.New(), opened.WasOpen) { OpenedAt = opened.OpenedAt, IsPrepared = opened.IsPrepared, Goal = opened.Entry.Goal };
        var started = context.Time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            try
            {
                var asked = join;
                var lease = await context.Caller.AsksAsync(() => context.Retry.RunAsync(
                    path, (file, asked), static (at, token) => at.file.JoinAppendAsync(at.asked, token), cancellation));
                return new(context, path, opened, new(context, path, file, lease, join.OpenedAt), lease);
            }
            catch (GofsException notYet) when (context.Time.GetElapsedTime(started) < PatienceWith(notYet.Error))
            {
                await Task.Delay(context.Retry.DelayAfter(tries), context.Time, cancellation);
                if (notYet.Error != GofsError.LeaseHeld) continue;
                // Who holds the file takes the flag of those that were refused away with his own.
                (opened, file) = await OpenAsync(path, command with { OpId = OpId.New() }, cancellation);
                join = join with { OpenedAt = opened.OpenedAt, IsPrepared = opened.IsPrepared, Goal = opened.Entry.Goal };
            }
        }
    }

    /// <summary>Who has a file open for writing.</summary>
    public async Task<FileLeases> GetLeasesAsync(InodeNumber inode, CancellationToken cancellation)
    {
        var file = File(await number.GetAsync(cancellation), inode);
        return await context.Retry.RunAsync(namespaceName, file, static (at, token) => at.GetLeasesAsync(token), cancellation);
    }

    private async Task<(OpenedFile Opened, IFileGrain File)> OpenAsync(GofsPath path, OpenForWriting command, CancellationToken cancellation)
    {
        var opened = (await master.DoAsync(path, command, cancellation)).Opened
            ?? throw new GofsException(GofsError.Internal, "it was opened and is not there", path.ToString());
        number.Learn(opened.NamespaceNumber);
        return (opened, File(opened.NamespaceNumber, opened.Entry.Inode));
    }

    // Whoever created the file a moment ago may be about to take the first append lease; and a chunk server may be coming back.
    private TimeSpan PatienceWith(GofsError error) => error switch
    {
        GofsError.LeaseHeld => context.Options.AttemptTimeout,
        GofsError.ChunkUnavailable => context.Options.OperationTimeout,
        _ => TimeSpan.Zero,
    };

    private IFileGrain File(int namespaceNumber, InodeNumber inode) =>
        context.Grains.GetGrain<IFileGrain>(FileKey.Of(namespaceNumber, inode));

    private static void Check(GofsPath path, WriterLease lease)
    {
        if (lease.ChunkSizeBytes <= 0 || lease.LengthBytes < 0 || lease.LeaseTime <= TimeSpan.Zero)
            throw new GofsException(
                GofsError.Internal,
                $"a lease of {lease.LeaseTime} on {lease.LengthBytes} bytes in chunks of {lease.ChunkSizeBytes} makes no sense",
                path.ToString());
    }
}
