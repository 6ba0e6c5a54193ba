using System.Runtime.CompilerServices;
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

    /// <summary>Puts a trash item back, where it was or at <paramref name="to"/>.</summary>
    public Task RestoreAsync(long trashId, GofsPath? to = null, CancellationToken cancellation = default)
    {
        var command = new Restore(OpId.New(), trashId, to);
        return context.Retry.RunAsync(Name, (tree, command), static (at, token) => at.tree.RestoreAsync(at.command, token), cancellation);
    }

    /// <summary>Removes one trash item, or all, for ever; answers how many.</summary>
    public Task<long> PurgeTrashAsync(long? trashId = null, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(
            Name, (tree, Op: OpId.New(), trashId), static (at, token) => at.tree.PurgeAsync(at.Op, at.trashId, token), cancellation);

    /// <summary>The settings in force.</summary>
    public Task<NamespaceConfig> GetConfigAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync(Name, tree, static (at, token) => at.GetConfigAsync(token), cancellation);

    /// <summary>Changes the settings.</summary>
    public Task SetConfigAsync(NamespaceConfig config, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(
            Name, (tree, Op: OpId.New(), config), static (at, token) => at.tree.SetConfigAsync(at.Op, at.config, token), cancellation);

    /// <summary>How the master is.</summary>
    public Task<NamespaceStatus> GetStatusAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync(Name, tree, static (at, token) => at.GetStatusAsync(token), cancellation);

    /// <summary>Writes a Snapshot now; answers its EditLog number. Takes up to ten minutes.</summary>
    public Task<long> SnapshotAsync(CancellationToken cancellation = default) =>
        context.Retry.RunAsync(Name, tree, static (at, token) => at.SnapshotAsync(token), cancellation, LongWork);

    /// <summary>EditLog records as text, from a number on (0: the last <paramref name="limit"/>).</summary>
    public Task<EditLogLine[]> ReadEditLogAsync(long from, int limit, CancellationToken cancellation = default) =>
        context.Retry.RunAsync(
            Name, (tree, from, limit), static (at, token) => at.tree.ReadEditLogAsync(at.from, at.limit, token), cancellation);
}
