using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Internal;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// One replica on its way from another server to this one. The source begins to remember what is touched; then all is fetched; then, again and again,
/// what was touched meanwhile, until that is little. So a chunk may be written all the while. When the chunk has a new version under which nobody
/// writes yet, the rest is fetched, and the copy is equal (<see cref="InstallAsync"/>).
/// <para>
/// Who dies. The source, or its word of what was touched is lost on the way: all is fetched again, from the same source, a few times. It is slow or busy:
/// a single call is tried again. The chunk gets another version while it is copied: its bytes are not to be had with this token any more, the copy
/// fails with <see cref="GofsError.StaleVersion"/>, and the chunk table asks anew. This server: nothing of the copy is left. The chunk table: nobody
/// installs the copy, and it is dropped.
/// </para>
/// </summary>
internal sealed class ReplicaCopying(ReplicaCopy copy, long id, CopyMeans means) : IAsyncDisposable
{
    private const int MostPasses = 5;
    private const int LittleChecksumBlocks = 16;
    private const int MostBegins = 3;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(9);
    private readonly CancellationTokenSource stop = new(Longest, means.Time);
    private readonly SemaphoreSlim turn = new(1, 1);
    private SourceReader? source;
    private ICopyFile? file;
    private ChunkVersion? installed;

    /// <summary>What was asked for.</summary>
    public ReplicaCopy Copy => copy;

    /// <summary>Its name on this server.</summary>
    public long Id => id;

    /// <summary>Ends when the copy has all but what was touched last, or can't be made.</summary>
    public Task<ReplicaCopied> Made { get; private set; } = Task.FromCanceled<ReplicaCopied>(new(canceled: true));

    /// <summary>Begins.</summary>
    public void Start() => Made = means.Pool.RunAsync(MakeAsync);

    /// <summary>
    /// Fetches what is missing and makes the copy a replica of that version. Idempotent.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.ChunkNotFound"/>: it has to be copied again; <see cref="GofsError.Busy"/>: it is not made yet;
    /// <see cref="GofsError.StaleVersion"/>: the source has not that version; what reading and the disk say.</exception>
    public async Task InstallAsync(ReplicaInstall install, CancellationToken cancellation)
    {
        if (!Made.IsCompleted) throw new GofsException(GofsError.Busy, "the copy is not made yet", copy.Handle.ToString());
        await turn.WaitAsync(cancellation);
        try
        {
            if (installed is { } has && has >= install.Version) return;
            if (!Made.IsCompletedSuccessfully || stop.IsCancellationRequested || source is null || file is null || source.HasLostTrack)
                throw new GofsException(GofsError.ChunkNotFound, "there is no such copy any more", copy.Handle.ToString());
            using var both = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, cancellation);
            // That the source has the version says that whoever wrote under an older one has ended: what is touched now is all.
            await source.GetLengthAsync(install.Version, both.Token);
            await source.TakeTouchedAsync(both.Token);
            await source.FetchAsync(file, install.Version, install.Token, both.Token);
            await file.InstallAsync(install.Version, source.LengthBytes, both.Token);
            installed = install.Version;
        }
        catch (Exception failed) when (failed is not GofsException && !cancellation.IsCancellationRequested)
        {
            throw Failures.Translate(failed, copy.Handle);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Ends when nothing of it is under way and nothing is left but what was installed.</summary>
    public async ValueTask DisposeAsync()
    {
        await means.Pool.CancelAsync(stop);
        await ((Task)Made).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            if (file is not null) await file.DisposeAsync();
            file = null;
            if (source is not null) _ = source.EndAsync();
            source = null;
            stop.Dispose();
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<ReplicaCopied> MakeAsync()
    {
        try
        {
            for (var begins = 1; ; begins++)
            {
                if (source is not null) _ = source.EndAsync();
                source = await SourceReader.BeginAsync(copy, means, stop.Token);
                file ??= await means.Store.OpenCopyAsync(copy.Handle, source.ChunkSizeBytes, source.LengthBytes, stop.Token);
                if (await CatchUpAsync(source, file, canBeginAgain: begins < MostBegins)) break;
            }

            await file.SyncAsync(stop.Token);
            return new(id, source.LengthBytes);
        }
        catch (Exception failed) when (failed is not GofsException)
        {
            throw stop.IsCancellationRequested
                ? new GofsException(GofsError.Timeout, "the copy was ended before it was made", copy.Handle.ToString(), failed)
                : Failures.Translate(failed, copy.Handle);
        }
    }

    // False: what was touched is not known any more, and all has to be fetched again.
    private async Task<bool> CatchUpAsync(SourceReader from, ICopyFile to, bool canBeginAgain)
    {
        await from.FetchAsync(to, copy.Version, copy.Token, stop.Token);
        for (var pass = 0; pass < MostPasses; pass++)
        {
            int touched;
            try
            {
                touched = await from.TakeTouchedAsync(stop.Token);
            }
            catch (GofsException) when (from.HasLostTrack && canBeginAgain && !stop.IsCancellationRequested)
            {
                return false;
            }

            await from.FetchAsync(to, copy.Version, copy.Token, stop.Token);
            if (touched <= LittleChecksumBlocks) break;
        }

        return true;
    }
}
