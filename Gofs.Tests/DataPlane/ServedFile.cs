using Gofs.Chunks;
using Gofs.Files;
using Gofs.Tests.Sdk.Fakes;

namespace Gofs.Tests.DataPlane;

/// <summary>A file of one chunk, as its grain's callers see it; its grain never dies.</summary>
internal sealed class ServedFile
{
    private const int ChunkBytes = 1 << 20;
    private readonly ServedChunks chunks;
    private readonly Random random;
    private readonly Lock gate = new();
    private ChunkHandle? placed;
    private ChunkHandle? committed;
    private long length;

    public ServedFile(ServedChunks chunks, Random random)
    {
        (this.chunks, this.random) = (chunks, random);
        Grain = Fake.Of<IFileGrain>((method, arguments) => method switch
        {
            nameof(IFileGrain.PlaceChunkAsync) => Task.FromResult(Place()),
            nameof(IFileGrain.RecoverChunkAsync) => RecoverAsync((RecoverChunk)arguments[0]!),
            nameof(IFileGrain.CommitLengthAsync) => Commit((CommitLength)arguments[0]!),
            nameof(IFileGrain.RenewLeaseAsync) => Task.CompletedTask,
            nameof(IFileGrain.GetLayoutAsync) => Task.FromResult(Layout()),
            _ => Fake.Unexpected(method),
        });
    }

    public IFileGrain Grain { get; }

    public ChunkHandle? Chunk => placed;

    /// <summary>What was flushed.</summary>
    public long LengthBytes => Interlocked.Read(ref length);

    private ChunkPlacement Place()
    {
        lock (gate)
        {
            placed ??= chunks.Allocate(random).Handle;
            return chunks.Locate(placed.Value)!;
        }
    }

    private async Task<ChunkPlacement> RecoverAsync(RecoverChunk command)
    {
        lock (gate)
        {
            if (command.Empty && committed is null && placed == command.Handle) placed = null;
        }

        return placed == command.Handle ? await chunks.RecoverAsync(command) : Place();
    }

    private Task Commit(CommitLength command)
    {
        lock (gate)
        {
            if (command.NewChunks is [var only]) committed = only.Handle;
        }

        Interlocked.Exchange(ref length, command.LengthBytes);
        return Task.CompletedTask;
    }

    private FileLayout Layout()
    {
        lock (gate)
        {
            var now = LengthBytes;
            return new(now, ChunkBytes, committed is { } chunk && chunks.Locate(chunk) is { } located ? [located] : []);
        }
    }
}
