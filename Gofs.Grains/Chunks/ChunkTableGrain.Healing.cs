using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.Chunks.Healing;
using Gofs.Transport;
using Orleans.Runtime;

namespace Gofs.Grains.Chunks;

/// <summary>How a chunk table heals its chunks (<see cref="ChunkHealing"/>): what it lends for it, and that nobody else offers versions meanwhile.</summary>
internal sealed partial class ChunkTableGrain : IHealedChunks
{
    private readonly Dictionary<ChunkHandle, Task> joining = [];
    private ChunkHealing? healing;
    private bool hidden;

    private ChunkHealing Healing
    {
        get
        {
            var now = options.CurrentValue;
            healing ??= new(
                this, new ReplicaServers(GrainFactory, time), now.DeadTime,
                new(unchecked((int)((time.GetTimestamp() * 31) + (namespaceNumber * 257L) + shard))), time, logger);
            (healing.Rebalances, healing.DeadTime) = (now.Rebalances, now.DeadTime);
            return healing;
        }
    }

    /// <inheritdoc/>
    IEnumerable<ChunkHandle> IHealedChunks.All => State.Rows.Select(row => row.Key);

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        hidden = true;
        local.Hide(this);
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<HealingStatus> GetHealingAsync(CancellationToken cancellation) => Task.FromResult(Healing.Status(State.Count));

    /// <inheritdoc/>
    public async Task<ServerReplicas> GetServerReplicasAsync(ServerId server, CancellationToken cancellation)
    {
        var census = Healing.CensusOf(server, awaited.MayHoldMore(server));
        foreach (var some in State.Rows.Select(row => row.Key).Chunk(GoalSweep.AtOnce).ToArray())
        {
            foreach (var handle in some) census.Look(handle);
            cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        // Those it is only expected to hold are with a writer, who may be writing them at this moment.
        return census.Figures(unconfirmed.Handles.LongCount(handle => Array.IndexOf(replicas.Of(handle), server) >= 0));
    }

    /// <inheritdoc/>
    bool IHealedChunks.TryGet(ChunkHandle handle, out ChunkRow row) => State.TryGet(handle, out row);

    /// <inheritdoc/>
    ServerId[] IHealedChunks.HoldersOf(ChunkHandle handle) => replicas.Of(handle);

    /// <inheritdoc/>
    ValueTask<ChunkVersion> IHealedChunks.NextVersionAsync(ChunkHandle handle) => NextVersionAsync(handle);

    /// <inheritdoc/>
    async Task IHealedChunks.MoveAsync(ChunkHandle handle, ChunkVersion version, ServerId[] holders)
    {
        await RequireSoundAsync(handle, holders, CancellationToken.None);
        if (State.TryGet(handle, out _)) await MoveAsync(handle, version, holders, CancellationToken.None);
    }

    /// <inheritdoc/>
    void IHealedChunks.Lose(ChunkHandle handle, ServerId server)
    {
        replicas.Remove(handle, server);
        awaited.Lost(server);
    }

    /// <inheritdoc/>
    ChunkToken IHealedChunks.ReadToken(ChunkHandle handle, ChunkVersion version) =>
        tokens.Give(new ChunkLocation(handle, version, [], Known: true), ChunkRights.Read | ChunkRights.Copy).Token;

    /// <inheritdoc/>
    Task<T> IHealedChunks.AloneAsync<T>(ChunkHandle handle, Func<Task<T>> work) => AloneAsync(handle, work);

    private async Task<T> AloneAsync<T>(ChunkHandle handle, Func<Task<T>> work)
    {
        while (granting.ContainsKey(handle) || joining.ContainsKey(handle))
        {
            Task other = granting.TryGetValue(handle, out var grant) ? grant : joining[handle];
            await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await Task.Yield(); // whoever takes it out may come after
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        joining[handle] = ended.Task;
        try
        {
            return await work();
        }
        finally
        {
            joining.Remove(handle);
            HearWhatWaited(handle);
            ended.SetResult();
        }
    }

    private bool IsOffered(ChunkHandle handle) => granting.ContainsKey(handle) || joining.ContainsKey(handle);

    private async Task JoinEndedAsync(ChunkHandle handle, CancellationToken cancellation)
    {
        while (joining.TryGetValue(handle, out var running)) await running.WaitAsync(cancellation);
    }

    private async Task HealAsync(CancellationToken cancellation)
    {
        var known = await servers.GetAsync(cancellation);
        if (!servers.IsFresh) return;
        var (name, config) = await settings.GetAsync(namespaceNumber, cancellation);
        Healing.Step(known, awaited.HasReported, config.ChunkSizeBytes);
        if (!hidden) local.Show(this, name, Healing.Status(State.Count));
    }
}
