using Orleans;

namespace Gofs.Chunks;

/// <summary>
/// What a chunk server holds, of a chunk table, a namespace or the cluster, and of that what other servers lack: whether it can be taken away.
/// </summary>
[GenerateSerializer, Immutable, Alias("gofs.chunk.server-replicas")]
public sealed record ServerReplicas
{
    /// <summary>Chunks that files refer to and that it holds a good replica of.</summary>
    [Id(0)] public long Held { get; init; }

    /// <summary>Of those, the chunks that would have fewer replicas than wanted without it: they are yet to be copied elsewhere.</summary>
    [Id(1)] public long Needed { get; init; }

    /// <summary>Of those, the chunks no other server has.</summary>
    [Id(2)] public long Only { get; init; }

    /// <summary>
    /// Chunks on it that no file refers to yet: somebody is writing them or was given them to be written, or they are garbage that will be collected.
    /// </summary>
    [Id(3)] public long BeingWritten { get; init; }

    /// <summary>Replicas made elsewhere since it is drained.</summary>
    [Id(4)] public long Moved { get; init; }

    /// <summary>Since when it is drained, by the chunk tables' clocks; null: it is not.</summary>
    [Id(5)] public DateTimeOffset? Since { get; init; }

    /// <summary>Tables that have not looked at all their chunks since they started, or did not answer: what they have is not in these figures.</summary>
    [Id(6)] public int TablesNotReady { get; init; }

    /// <summary>Tables that have not seen yet that it is drained, and may still place new chunks there.</summary>
    [Id(7)] public int TablesPlacingThere { get; init; }

    /// <summary>Whether it is drained and every chunk has its replicas without it: it can be stopped and removed.</summary>
    public bool IsSafeToRemove => Needed + BeingWritten + TablesNotReady + TablesPlacingThere == 0;

    /// <summary>When the last is expected to be copied, at the pace so far; null: not to be said.</summary>
    /// <param name="now">The time, by a clock that agrees with the tables'.</param>
    public DateTimeOffset? ExpectedEnd(DateTimeOffset now) =>
        Since is { } since && Moved > 0 && now > since ? now + ((now - since) * ((double)Needed / Moved)) : null;

    /// <summary>Both together.</summary>
    public ServerReplicas With(ServerReplicas other) => new()
    {
        Held = Held + other.Held,
        Needed = Needed + other.Needed,
        Only = Only + other.Only,
        BeingWritten = BeingWritten + other.BeingWritten,
        Moved = Moved + other.Moved,
        Since = Since is null || other.Since < Since ? other.Since ?? Since : Since,
        TablesNotReady = TablesNotReady + other.TablesNotReady,
        TablesPlacingThere = TablesPlacingThere + other.TablesPlacingThere,
    };
}
