using System.Globalization;
using Gofs.Cluster;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>What administrators do to a namespace; each act is recorded with who asked for it (<see cref="Administered"/>).</summary>
internal sealed partial class NamespaceGrain
{
    /// <inheritdoc/>
    public Task<long> PurgeAsync(OpId opId, long? trashId, CancellationToken cancellation) => DoAsync(opId, () =>
    {
        var purged = TrashDecisions.Purge(State, opId, trashId);
        return purged is null ? null : Asked("trash purge", purged.TrashIds.Length == 1 ? purged.Describe() : Items(purged), purged);
    }, cancellation);

    /// <inheritdoc/>
    public Task SetConfigAsync(OpId opId, NamespaceConfig config, CancellationToken cancellation)
    {
        config.Validate();
        if (config.ChunkTableShards != State.Config.ChunkTableShards)
            throw new GofsException(GofsError.InvalidArgument, $"the chunk table has {State.Config.ChunkTableShards} shards for good");
        return DoAsync(opId, () => Asked("ns config", ConfigText.Changes(State.Config, config), new ConfigSet(opId, config)), cancellation);
    }

    /// <inheritdoc/>
    public async Task<long> SnapshotAsync(CancellationToken cancellation)
    {
        Raise(Asked("meta snapshot", "", null));
        return await TakeSnapshotAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task<OpenFile[]> ListOpenFilesAsync(InodeNumber after, int limit, CancellationToken cancellation) =>
        AnswerAsync(() => NamespaceQueries.ListOpen(State, after.Value, limit), cancellation);

    /// <inheritdoc/>
    public async Task BreakLeaseAsync(InodeNumber inode, CancellationToken cancellation)
    {
        if (State.Open.TryGetValue(inode.Value, out var openedAt))
        {
            var path = NamespaceQueries.OpenFileOf(State, inode.Value).Path?.ToString() ?? $"inode {inode}";
            var settled = await GrainFactory.GetGrain<IFileControlGrain>(FileKey.Of(State.Number, inode)).BreakLeaseAsync(cancellation);
            Raise(Asked("lease break", path, settled is null ? null : OpenFileDecisions.Settle(State, inode.Value, openedAt, settled, Now)));
        }

        await DurableAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task NoteActAsync(string act, string text, CancellationToken cancellation)
    {
        Raise(Asked(act, text, null));
        await DurableAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task<AuditEntry[]> ListAuditAsync(int most, CancellationToken cancellation) =>
        AnswerAsync<AuditEntry[]>(() => [.. State.Audit.TakeLast(Math.Clamp(most, 0, AuditEntry.Most))], cancellation);

    private Administered Asked(string act, string text, NamespaceEvent? what) => new(Caller.Current, act, NamespaceState.Cut(text), Now, what);

    private static string Items(TrashPurged purged) => string.Create(CultureInfo.InvariantCulture, $"{purged.TrashIds.Length} items");
}
