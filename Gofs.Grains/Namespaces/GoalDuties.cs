using Gofs.Chunks;
using Gofs.Files;
using Gofs.Grains.Control;
using Gofs.Namespaces;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// How goals come to the chunks. The namespace logs which files want how many replicas (<see cref="GoalsSet"/>); each such file stands in an outbox
/// (<see cref="NamespaceState.GoalsToTell"/>) until the tables of its chunks have logged it. Of a file put whole the namespace tells the table itself; of any
/// other the file grain has the chunk list, tells their tables, and gives later chunks the same goal. A table then copies and trims by itself (healing).
/// <para>
/// A chunk that clones share has the goal of the one that wants most. So shares are told first, and a file whose clones have no chunk lists yet
/// is told of when they have.
/// </para>
/// <para>
/// Who dies. The master: the outbox stands in the state of the next, which tells again; each may be told twice. A file grain or a chunk table: told
/// again a second later; others don't wait for it. A goal that is set anew while the last is told stays in the outbox.
/// </para>
/// </summary>
internal sealed class GoalDuties(
    NamespaceState state, Action<NamespaceEvent> raise, Func<CancellationToken, Task> durable, CloneDuties clones, IGrainFactory grains)
{
    /// <summary>With so many files in the outbox no more goals are set: whoever sets them waits.</summary>
    public const int MostToTell = 65_536;

    private const int FilesAtOnce = 4096;
    private const int GrainsAtOnce = 32;
    private Task telling = Task.CompletedTask;

    /// <summary>Confirms what is to be confirmed first: a table takes no goal for a chunk that it has not logged.</summary>
    public required Func<CancellationToken, Task> ConfirmAsync { get; init; }

    /// <summary>A step: up to 4,096 files.</summary>
    public Task RunAsync(CancellationToken cancellation)
    {
        if (state.GoalsToTell.Count == 0) return Task.CompletedTask;
        if (telling.IsCompleted) telling = TellAsync();
        return telling.WaitAsync(cancellation);
    }

    /// <summary>There is room in the outbox afterwards.</summary>
    public async Task MakeRoomAsync(CancellationToken cancellation)
    {
        while (state.GoalsToTell.Count >= MostToTell) await RunAsync(cancellation);
    }

    private async Task TellAsync()
    {
        // Not in the caller's turn: the next who asks waits for this one.
        await Task.Yield();
        ToldGoal[] some = [.. state.GoalsToTell.Take(FilesAtOnce).Select(inode => new ToldGoal(inode, state.Tree[inode].Goal))];
        // A goal that is lost with the master must not be told.
        await durable(CancellationToken.None);
        await ConfirmAsync(CancellationToken.None);
        await clones.TellSharesAsync(CancellationToken.None);
        ToldGoal[] whole = [.. some.Where(one => IsWhole(one.Inode))];
        await durable(CancellationToken.None);
        await TellWholeAsync(whole);
        List<ToldGoal> told = [.. whole];
        Exception? failed = null;
        foreach (var few in some.Except(whole).Chunk(GrainsAtOnce))
        {
            // Whoever is the master no more tells nobody an old goal.
            await durable(CancellationToken.None);
            var answers = await Task.WhenAll(few.Select(TryTellAsync));
            told.AddRange(few.Where((_, i) => answers[i] is null));
            failed = Array.Find(answers, why => why is not null) ?? failed;
        }

        if (told.Count > 0) raise(new GoalsTold([.. told]));
        await durable(CancellationToken.None);
        if (failed is not null)
            throw new GofsException(GofsError.Unavailable, "a file's chunk tables could not be told of its goal yet", state.Name, failed);
    }

    // No writer ever opened it: its grain knows nothing.
    private bool IsWhole(long inode) =>
        state.Tree.Has(inode) && state.Tree[inode].OnlyChunk != 0 && !state.Open.ContainsKey(inode) && !state.Clones.Has(inode);

    private Task TellWholeAsync(ToldGoal[] whole) => Task.WhenAll(whole
        .Select(one => (Reference: new ChunkReference(OnlyChunkOf(one.Inode), one.Inode), one.Goal))
        .GroupBy(one => (one.Reference.Chunk.Shard, one.Goal))
        .Select(same => Table(same.Key.Shard).SetGoalsAsync([.. same.Select(one => one.Reference)], same.Key.Goal)));

    // One that can't be told now keeps no other from it: null when it was told, or is gone.
    private async Task<Exception?> TryTellAsync(ToldGoal one)
    {
        try
        {
            await clones.SettleAsync(one.Inode, CancellationToken.None);
            if (!state.Tree.Has(one.Inode)) return null;
            // Its grain may have it already, or not yet.
            if (OnlyChunkOf(one.Inode) is var chunk && chunk != ChunkHandle.None) await Table(chunk.Shard).SetGoalsAsync([new(chunk, one.Inode)], one.Goal);
            await grains.GetGrain<IFileControlGrain>(FileKey.Of(state.Number, new(one.Inode))).SetGoalAsync(one.Goal);
            return null;
        }
        catch (Exception failed) when (failed is GofsException or TimeoutException or OrleansException)
        {
            return failed;
        }
    }

    private ChunkHandle OnlyChunkOf(long inode) => new(state.Tree[inode].OnlyChunk);

    private IChunkTableControlGrain Table(int shard) => grains.GetGrain<IChunkTableControlGrain>(ChunkTableKey.Of(state.Number, shard));
}
