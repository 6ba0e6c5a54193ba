using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Grains.Files;

/// <summary>
/// Who has the file open, and how an operator takes it from them. A lease is not in the stream, and a writer whose lease this grain does not know resumes it:
/// so a broken one leaves a record behind, after which no earlier lease can be resumed.
/// </summary>
internal sealed partial class FileGrain
{
    // Since then this grain knows every lease that counts, however lately it started.
    private bool isBroken;

    /// <inheritdoc/>
    public Task<FileLeases> GetLeasesAsync(CancellationToken cancellation)
    {
        var (appending, count) = appenders.Living(FileLeases.Most, Now);
        if (count > 0) return Task.FromResult(new FileLeases(appending, count, IsAppend: true, appendTo is null ? [] : [appendTo]));
        return Task.FromResult(lease is { } held && Now < held.ExpiresAt
            ? new FileLeases([new(held.Id, held.Holder, held.ExpiresAt - Now)], 1, IsAppend: false, [.. held.Placed.TakeLast(FileLeases.Most)])
            : new FileLeases([], 0, State.AppendIndex >= 0, []));
    }

    /// <inheritdoc/>
    public async Task<SettledFile?> BreakLeaseAsync(CancellationToken cancellation)
    {
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        using var change = await changes.EnterAsync(cancellation);
        await KnowWholeAsync(name, config, cancellation);
        lease = null;
        appenders.Clear();
        if (State.AppendIndex < 0) Raise(new FileTruncated(default, ChunkSizeOr(config), State.LengthBytes, State.ModifiedAt));
        var settled = await SettleNowAsync(config, cancellation);
        isBroken |= settled is not null;
        return settled;
    }
}
