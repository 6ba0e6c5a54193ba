using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Grains.Files;

/// <summary>
/// Bytes past the file's length, which a writer that died or a truncation left in its last chunk: they are cut on every replica before anybody may write there.
/// <para>
/// A cut is made under the version that was granted for it, and the chunk may move on meanwhile: a replica was made anew or taken away, or a grant that a
/// former activation of this grain asked for arrived late. Then a version is granted anew, and all replicas that have it are cut. Who opens the file hears
/// nothing of that, but where it goes on and on: that is <see cref="GofsError.Unavailable"/>, and tried again.
/// </para>
/// <para>
/// A grain that has a successor knows an old length, and what it cut off might be what was flushed since: so it looks whether it is the owner, after it has
/// the version. A successor that comes later takes a newer one, and this cut is refused. So does who has the lease after the one for whom it is cut. And
/// where the holder asks again, under another name of his lease, because he had no answer, that cuts anew, and what was asked before cuts nothing more.
/// </para>
/// <para>
/// Nor does a grain that has started anew know who has a lease, where he that asks had none to fear when he asked: his asking may have arrived late, and been
/// answered elsewhere since. What is cut then may be what the holder was told that all replicas have. So before that a record says that no lease that was
/// given before can be taken up again: the holder is refused, and does not take for flushed what is cut.
/// </para>
/// </summary>
internal sealed partial class FileGrain
{
    private void EndFormerLeases(NamespaceConfig config) =>
        Raise(new LengthCommitted(default, ChunkSizeOr(config), State.LengthBytes, [], State.ModifiedAt, Closed: false));

    private async Task CutTailAsync(WriterLeaseState held, LeaseId name, NamespaceConfig config, CancellationToken cancellation)
    {
        if (FileDecisions.TailToTrim(State) is not { } tail || held.Find(tail.Index) is not { } placement) return;
        try
        {
            if (await TryCutAsync(placement.Handle, placement.Version, placement.Servers, tail.KeepBytes, cancellation) is null) return;
            // Its holder finds out with his next write, and is told the new version then.
            var location = await OwnAndCutAsync(tail.Index, tail.KeepBytes, config, () => CheckHeld(held, name), cancellation);
            CheckHeld(held, name);
            held.Replace(new(tail.Index, location.Handle, location.Version, location.Servers));
        }
        catch
        {
            // Bytes past the cut may still be there under a version the writer holds: only a new lease, which cuts first, may write.
            if (lease == held && held.Id == name) lease = null;
            throw;
        }
    }

    /// <summary>The chunk at an index, to be written to by this file alone (<see cref="OwnAsync"/>), cut to so many bytes.</summary>
    private async Task<ChunkLocation> OwnAndCutAsync(
        int index, long keepBytes, NamespaceConfig config, Action? check, CancellationToken cancellation)
    {
        GofsException? moved = null;
        for (var round = 0; round < MostRounds; round++)
        {
            var location = await OwnAsync(index, config, cancellation);
            await OwnedAsync(cancellation);
            check?.Invoke();
            moved = await TryCutAsync(location.Handle, location.Version, location.Servers, keepBytes, cancellation);
            if (moved is null) return location;
        }

        throw new GofsException(GofsError.Unavailable, "the chunk takes one version after the other; try again", State.ChunkAt(index).ToString(), moved!);
    }

    /// <summary>Answers why a replica is not what the chunk table said of it, or null: all are cut.</summary>
    private async Task<GofsException?> TryCutAsync(
        ChunkHandle handle, ChunkVersion version, ServerId[] servers, long keepBytes, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(servers.Select(server =>
                GrainFactory.GetGrain<IChunkServerGrain>(server.Value).TruncateAsync(handle, version, keepBytes, cancellation)));
            return null;
        }
        catch (GofsException moved) when (moved.Error is GofsError.StaleVersion or GofsError.ChunkNotFound or GofsError.DiskFailed)
        {
            return moved;
        }
    }
}
