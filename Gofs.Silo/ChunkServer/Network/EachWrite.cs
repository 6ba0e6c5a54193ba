using Gofs.Grains.ChunkServers;
using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>
/// Whole small chunks that came in one frame: each that its own token allows is written here while the frame goes on along the chain as it came, and
/// each has an outcome of its own, which speaks for every replica. What is said of one chunk is what a write of it alone would be told: the
/// chain's refusal rather than this server's.
/// <para>
/// Who dies. A server behind, or the way to it: all of the frame fails as a single write would, with which server it was; who sent it tries each chunk
/// again alone. The chunks may be on some replicas then, as after any write that failed. A disk that refuses one chunk: the others are written.
/// </para>
/// </summary>
internal sealed class EachWrite(IChunkStore store, ClusterKey key, ServerChain chain, TimeProvider time)
{
    /// <summary>Ends when neither this server nor the chain is at it any more: the data are the caller's again when it went well.</summary>
    public async Task<(LossMarks Marks, GofsException?[] Outcomes)> WriteAsync(DataRequest request)
    {
        var header = request.Header;
        var data = request.Data.AsMemory(0, header.DataLength);
        if (Crc32C.Compute(data.Span) != header.DataCrc)
            throw new GofsException(GofsError.Corrupt, "the chunks that arrived do not match their CRC", header.Handle.ToString());
        var writes = ChunkWrites.Parse(data, header.Amount, header.IsDurable);
        var passed = chain.PassOnAsync(header, request.Token, request.Hops, request.Data, writes);
        var written = WriteHereAsync(writes);
        await Task.WhenAll(passed, written).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var (behind, outcomes) = await passed;
        var (mark, own) = await written;
        for (var i = 0; i < outcomes.Length; i++) outcomes[i] ??= own[i];
        return (new(mark, behind), outcomes);
    }

    private async Task<(byte Mark, GofsException?[] Outcomes)> WriteHereAsync(AllowedWrite[] writes)
    {
        var now = time.GetUtcNow();
        var outcomes = new GofsException?[writes.Length];
        List<int> allowed = new(writes.Length);
        for (var i = 0; i < writes.Length; i++)
        {
            var (write, token) = writes[i];
            if (key.Allows(token, write.Handle, write.Version, ChunkRights.Write, now)) allowed.Add(i);
            else outcomes[i] = new(GofsError.TokenRefused, "the token does not allow to write, or no more", write.Handle.ToString());
        }

        var (mark, written) = await store.WriteEachAsync([.. allowed.Select(i => writes[i].Write)], CancellationToken.None);
        for (var i = 0; i < written.Length; i++) outcomes[allowed[i]] = written[i];
        return (mark, outcomes);
    }
}
