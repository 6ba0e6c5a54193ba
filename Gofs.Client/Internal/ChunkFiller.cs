using Gofs.ChunkServers;
using Gofs.Transport;

namespace Gofs.Internal;

/// <summary>
/// Fills whole chunks with whole files: small ones that are written at the same time to the same servers go together as one frame, which each server of the
/// chain receives, writes, makes durable and passes on once. A chunk that is alone, or not small, is a write as any other.
/// <para>
/// Who dies. A server of the chain, or the way to it: each maker is told as it would be alone, and what it does then it does alone. A server that
/// does not know such frames, because it is of an earlier release: it says so, what was to go together goes one by one, and so does all else to
/// that server for a while. A maker who is tired of waiting: his chunk is written all the same, and collected when no file confirms it.
/// </para>
/// </summary>
internal sealed class ChunkFiller(IChunkTransport transport, TimeSpan patience, Func<Task> turn, TimeProvider time)
{
    /// <summary>What is larger goes alone: its bytes cost more than its frame.</summary>
    public const int MostBytes = 32 << 10;

    /// <summary>The most chunks that go together: as many as are allocated on the same servers.</summary>
    public const int MostTogether = 16;

    private const int MostCalls = 2;

    private readonly Lock gate = new();
    private readonly Dictionary<Chain, Line> lines = [];
    private readonly Suspects oneByOne = new(time);

    /// <summary>Writes a whole chunk on every replica: the servers, primary first. As <see cref="IChunkTransport.WriteAsync"/>.</summary>
    public async Task FillAsync(ServerId[] servers, AllowedWrite chunk, CancellationToken cancellation)
    {
        if (chunk.Write.Data.Length > MostBytes || oneByOne.Among(servers).Length > 0)
        {
            await transport.WriteAsync(servers, chunk.Write, chunk.Token, cancellation);
            return;
        }

        var chain = new Chain(string.Join('\n', servers), chunk.Write.Durable);
        Line? line;
        lock (gate)
        {
            if (!lines.TryGetValue(chain, out line)) lines.Add(chain, line = new(MakeCalls(servers)));
            line.Users++;
        }

        try
        {
            if (await line.Calls.AskAsync(chunk).WaitAsync(cancellation) is { } refused) throw refused;
        }
        catch (TimeoutException late)
        {
            throw Failures.Translate(late, chunk.Write.Handle);
        }
        finally
        {
            // What nobody uses is not kept: there are many more chains than servers.
            lock (gate)
            {
                if (--line.Users == 0) lines.Remove(chain);
            }
        }
    }

    private GatheredCalls<AllowedWrite, GofsException?> MakeCalls(ServerId[] servers) =>
        new(chunks => SendAsync(servers, chunks), new(MostCalls, MostTogether, patience, ExpectsCompany: true), turn, time);

    private async Task<GofsException?[]> SendAsync(ServerId[] servers, AllowedWrite[] chunks)
    {
        if (chunks.Length == 1) return [await SendAsync(servers, chunks[0])];
        try
        {
            return await transport.WriteEachAsync(servers, chunks, CancellationToken.None);
        }
        catch (GofsException unknown) when (unknown.Error == GofsError.InvalidArgument)
        {
            oneByOne.Add(servers[Math.Clamp(unknown.Data[DataConnection.FailedHopKey] as int? ?? 0, 0, servers.Length - 1)]);
            return await Task.WhenAll(chunks.Select(one => SendAsync(servers, one)));
        }
    }

    private async Task<GofsException?> SendAsync(ServerId[] servers, AllowedWrite chunk)
    {
        try
        {
            await transport.WriteAsync(servers, chunk.Write, chunk.Token, CancellationToken.None);
            return null;
        }
        catch (GofsException refused)
        {
            return refused;
        }
    }

    /// <summary>Chunks of the same go together.</summary>
    /// <param name="Servers">The servers' names in their order.</param>
    /// <param name="Durable">Whether they are to be durable.</param>
    private readonly record struct Chain(string Servers, bool Durable);

    private sealed class Line(GatheredCalls<AllowedWrite, GofsException?> calls)
    {
        public GatheredCalls<AllowedWrite, GofsException?> Calls => calls;

        public int Users { get; set; }
    }
}
