using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Grains.ChunkServers;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>
/// Counts what one server means for a table's chunks: what it holds, and of that what others lack. Who it may be said of that it can go is decided by this, so
/// it errs to the safe side: of a server that has told this table nothing, or not yet all, every chunk that lacks a replica may be there. Pure; used by one at
/// a time, chunk by chunk.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="mayHoldMore">Whether it may hold what it has not told.</param>
/// <param name="chunks">The table.</param>
/// <param name="standings">How servers stand.</param>
public sealed class ServerCensus(ServerId server, bool mayHoldMore, IHealedChunks chunks, ServerStandings standings)
{
    private long held;
    private long needed;
    private long alone;

    /// <summary>Whether the table knows where its chunks are.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether the table places no new chunk there any more.</summary>
    public bool IsDrainSeen { get; init; }

    /// <summary>Replicas made elsewhere since the table saw the drain.</summary>
    public long Moved { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Looks at a chunk.</summary>
    public void Look(ChunkHandle handle)
    {
        if (!chunks.TryGet(handle, out var row)) return;
        var holders = chunks.HoldersOf(handle);
        var isHeld = Array.IndexOf(holders, server) >= 0;
        if (isHeld) held++;
        else if (!mayHoldMore) return;
        var without = ChunkHealth.Of(holders.Where(holder => holder != server).ToArray(), row.Goal, standings);
        // Who is silent or away may not come back.
        if (without.Live >= row.Goal) return;
        needed++;
        if (without.AtHand == 0) alone++;
    }

    /// <summary>The figures.</summary>
    /// <param name="beingWritten">Chunks there that no file refers to yet.</param>
    public ServerReplicas Figures(long beingWritten) => new()
    {
        Held = held,
        Needed = needed,
        Only = alone,
        BeingWritten = beingWritten,
        Moved = Moved,
        Since = Since,
        TablesNotReady = IsReady ? 0 : 1,
        TablesPlacingThere = IsDrainSeen ? 0 : 1,
    };
}
