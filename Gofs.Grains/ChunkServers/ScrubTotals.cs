namespace Gofs.Grains.ChunkServers;

/// <summary>What a server's scrub has done since the process started, all passes together.</summary>
/// <param name="Replicas">Replicas read.</param>
/// <param name="Bytes">Bytes read.</param>
/// <param name="Found">Damages found.</param>
/// <param name="Repaired">Damages put right.</param>
public readonly record struct ScrubTotals(long Replicas, long Bytes, long Found, long Repaired)
{
    /// <summary>A replica was read.</summary>
    public ScrubTotals With(ReplicaScrub read) => new(Replicas + 1, Bytes + read.Bytes, Found + read.Found, Repaired + read.Repaired);
}
