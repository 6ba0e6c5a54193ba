using Gofs.ChunkServers;
using Gofs.Files;

namespace Gofs.Grains.Files;

/// <summary>What is decided about a chunk that records are appended to. Pure.</summary>
public static class AppendDecisions
{
    /// <summary>
    /// Which replicas count, and how long all of them are to be. All have what was acknowledged, because an append is acknowledged only when every
    /// one has it and the next begins only then: so the shortest is cut to by the others, and one that is shorter than what somebody knows
    /// to be acknowledged has lost bytes.
    /// </summary>
    /// <param name="servers">Servers with the version that counts.</param>
    /// <param name="lengths">What each said its replica's length is; null: nothing.</param>
    /// <param name="acknowledged">What is known to be acknowledged at least.</param>
    public static (ServerId[] Servers, long LengthBytes) Agree(ServerId[] servers, long?[] lengths, long acknowledged)
    {
        ServerId[] good = [.. servers.Where((_, i) => lengths[i] >= acknowledged)];
        return (good, good.Length == 0 ? acknowledged : lengths.Where(length => length >= acknowledged).Min()!.Value);
    }

    /// <summary>How long a file is that is appended to, by what its replicas say; null: none says anything.</summary>
    /// <param name="logged">The length that is logged.</param>
    /// <param name="chunkStart">Where in the file the chunk begins that is appended to.</param>
    /// <param name="lengths">What each said its replica's length is; null: nothing.</param>
    public static long? Length(long logged, long chunkStart, long?[] lengths) =>
        lengths.Min() is { } shortest ? Math.Max(logged, chunkStart + shortest) : null;

    /// <summary>The record of a length that was appended up to; null when it says nothing new.</summary>
    public static RecordsAppended? Appended(FileState file, long lengthBytes, bool ended, long now)
    {
        var length = Math.Max(file.LengthBytes, lengthBytes);
        if (length == file.LengthBytes && !ended) return null;
        return new(length, length == file.LengthBytes ? file.ModifiedAt : now, ended);
    }
}
