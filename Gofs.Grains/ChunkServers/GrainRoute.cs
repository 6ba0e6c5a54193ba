using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Grains.ChunkServers;

/// <summary>The servers behind a primary, asked over grains, all at once.</summary>
internal sealed class GrainRoute(ServerCalls calls, ServerId[] behind) : IAppendRoute
{
    private readonly ServerId[] behind = behind;

    /// <inheritdoc/>
    public bool IsAlike(IAppendRoute other) => other is GrainRoute;

    /// <inheritdoc/>
    public bool IsSame(IAppendRoute other) => other is GrainRoute route && behind.AsSpan().SequenceEqual(route.behind);

    /// <inheritdoc/>
    public async Task AppendAtAsync(ChunkAppend batch, long atBytes)
    {
        if (behind.Length == 0) return;
        var write = batch.ToWrite(atBytes);
        await calls.AllAsync(behind, batch.Handle, firstHop: 1, async server =>
        {
            await server.AppendAtAsync(write, CancellationToken.None);
            return true;
        }, CancellationToken.None);
    }
}
