using System.Runtime.CompilerServices;
using Gofs.Cluster;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Trash, settings and the EditLog.</summary>
public sealed partial class GofsNamespace
{
    /// <summary>What works through a whole namespace may take longer than an operation.</summary>
    private static readonly TimeSpan LongWork = TimeSpan.FromMinutes(10);

    /// <summary>The trash, oldest first.</summary>
    public async IAsyncEnumerable<TrashItem> ListTrashAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        TrashItem[] page;
        var after = 0L;
        do
        {
            page = await context.Retry.RunAsync(
                Name, (tree, after), static (at, token) => at.tree.ListTrashAsync(at.after, PageEntries, token), cancellation);
            foreach (var item in page) yield return item;
            if (page.Length > 0) after = page[^1].Id;
        }
        while (page.Length > 0);
    }

    /// <summary>Puts a trash item back, where it was or at <paramref name="to"/>; nothing may be there.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.TrashItemNotFound"/>; <see cref="GofsError.AlreadyExists"/>: something is there;
    /// <see cref="GofsError.NotFound"/>: its directory is gone.
    /// </exception>
    public Task RestoreAsync(long trashId, GofsPath? to = null, CancellationToken cancellation = default) =>
        RestoreAsync(trashId, to, replace: false, cancellation);

    /// <summary>Puts a trash item back in the place of a file or symlink, which goes to the trash for it, in one step.</summary>
    /// <param name="trashId">Which.</param>
    /// <param name="to">Where; null: where it was.</param>
    /// <param name="replace">Whether what is there may be replaced; a directory is never.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException">As without; <see cref="GofsError.IsADirectory"/>.</exception>
    public Task RestoreAsync(long trashId, GofsPath? to, bool replace, CancellationToken cancellation = default)
    {
        var command = new Restore(OpId.New(), trashId, to) { Replace = replace };
        return context.Retry.RunAsync(Name, (tree, command), static (at, token) => at.tree.RestoreAsync(at.command, token), cancellation);
    }

    /// <summary>Removes one trash item, or all, for ever; answers how many. What they take is freed in the background.</summary>
    public Task<long> PurgeTrashAsync(long? trashId = null, CancellationToken cancellation = default) => context.Caller.AsksAsync(async () =>
    {
        for (var all = 0L; ;)
        {
            var some = await context.Retry.RunAsync(
                Name, (tree, Op: OpId.New(), trashId), static (at, token) => at.tree.PurgeAsync(at.Op, at.trashId, token), cancellation);
            all += some;
            if (some < TrashItem.MostPurged) return all;
        }
    });

    /// <summary>The settings in force.</summary>
    public Task<NamespaceConfig> GetConfigAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync(Name, tree, static (at, token) => at.GetConfigAsync(token), cancellation);

    /// <summary>Changes the settings.</summary>
    public Task SetConfigAsync(NamespaceConfig config, CancellationToken cancellation = default) => context.Caller.AsksAsync(() =>
        context.Retry.RunAsync(
            Name, (tree, Op: OpId.New(), config), static (at, token) => at.tree.SetConfigAsync(at.Op, at.config, token), cancellation));

    /// <summary>What administrators did to this namespace, the latest last. Who it was is what their programs said: nobody signs in.</summary>
    /// <param name="most">How many at most, 1 to 1,000: the last ones. No more are remembered.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<AuditEntry[]> ListAuditAsync(int most = AuditEntry.Most, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(Name, (tree, most), static (at, token) => at.tree.ListAuditAsync(at.most, token), cancellation);

    /// <summary>How the master is.</summary>
    public Task<NamespaceStatus> GetStatusAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync(Name, tree, static (at, token) => at.GetStatusAsync(token), cancellation);

    /// <summary>Writes a Snapshot now; answers its EditLog number. Takes up to ten minutes.</summary>
    public Task<long> SnapshotAsync(CancellationToken cancellation = default) => context.Caller.AsksAsync(() =>
        context.Retry.RunAsync(Name, tree, static (at, token) => at.SnapshotAsync(token), cancellation, LongWork));

    /// <summary>EditLog records as text, from a number on (0: the last <paramref name="limit"/>).</summary>
    public Task<EditLogLine[]> ReadEditLogAsync(long from, int limit, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(
            Name, (tree, from, limit), static (at, token) => at.tree.ReadEditLogAsync(at.from, at.limit, token), cancellation);
}
