using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Internal;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>A file grain that gives out a layout: chunk i has handle counter i + 1.</summary>
internal sealed class FakeFile
{
    public const int ChunkBytes = 128 << 10;

    public FakeFile() => Grain = Fake.Of<IFileGrain>((method, arguments) => method switch
    {
        nameof(IFileGrain.GetLayoutAsync) => Task.FromResult(Layout((int)arguments[0]!, (int)arguments[1]!)),
        _ => Fake.Unexpected(method),
    });

    public IFileGrain Grain { get; }

    public long LengthBytes { get; set; } = 10 * (64 << 10);

    public ChunkVersion Version { get; set; } = ChunkVersion.First;

    public ServerId[] Servers { get; set; } = [new("s1")];

    /// <summary>How often the layout was asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>A client's parts that see this file only.</summary>
    public static ClientContext Context(TimeProvider time, FakeTransport transport, CountingPool? pool = null, int inFlight = 3) => new(
        Fake.Of<Orleans.IGrainFactory>((method, _) => Fake.Unexpected(method)),
        new GofsClientOptions { TransferBytes = 64 << 10, TransfersInFlight = inFlight }, time, transport, seed: 1, pool ?? new CountingPool());

    private FileLayout Layout(int first, int count)
    {
        Asked++;
        var chunks = (int)((LengthBytes + ChunkBytes - 1) / ChunkBytes);
        return new(LengthBytes, ChunkBytes, [.. Enumerable.Range(first, Math.Max(0, Math.Min(count, chunks - first)))
            .Select(index => new ChunkPlacement(index, ChunkHandle.Create(1, 0, index + 1), Version, Servers))]);
    }
}
