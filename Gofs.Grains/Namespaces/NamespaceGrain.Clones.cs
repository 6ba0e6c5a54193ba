using Gofs.Grains.Control;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Clones: see <see cref="CloneDuties"/>.</summary>
internal sealed partial class NamespaceGrain
{
    private CloneDuties? clones;

    /// <inheritdoc/>
    public async Task<Entry> CloneAsync(Clone command, CancellationToken cancellation)
    {
        var inode = await DoAsync(command.OpId, () => CloneDecisions.Clone(State, command, reservations, Now), cancellation);
        await clones!.SettleOpenAsync(cancellation);
        return EntryOrGone(inode, command.To).Entry!;
    }

    /// <inheritdoc/>
    public async Task<WholeFile> PrepareToWriteAsync(InodeNumber inode, bool again, CancellationToken cancellation)
    {
        var file = inode.Value;
        if (!State.Tree.Has(file)) throw new GofsException(GofsError.NotFound, "the file was removed", $"inode {file}");
        if (again || !State.Open.ContainsKey(file)) Raise(new FileOpened(OpId.New(), file, Now));
        await clones!.SettleAsync(file, cancellation);
        if (State.Tree.Has(file) && State.Tree[file].OnlyChunk != 0) await clones.TellSharesAsync(cancellation);
        var whole = NamespaceQueries.WholeFileOf(State, file);
        await DurableAsync(cancellation);
        return whole;
    }

    /// <inheritdoc/>
    public async Task<WholeFile> GetWholeFileAsync(InodeNumber inode, CancellationToken cancellation)
    {
        await clones!.SettleItselfAsync(inode.Value, cancellation);
        var file = NamespaceQueries.WholeFileOf(State, inode.Value);
        await DurableAsync(cancellation);
        return file;
    }
}
