using Gofs.Files;
using Xunit;

namespace Gofs.Tests.Files;

/// <summary>
/// What a file's grain tells the namespace is as of a record that stays. (Found by the simulation of files, seed 133826: it was as of one that was lost; what
/// the next grain said was older then, and the file was never closed.)
/// </summary>
public sealed class ToldNumberTests : IDisposable
{
    private static readonly LeaseId Writer = new(Guid.Parse("00000001-0000-0000-0000-000000000000"));
    private readonly FileWorld world = new();

    [Fact]
    public async Task RecordThatIsLost_IsNoneThatTheNamespaceWasToldOf()
    {
        var file = await world.StartAsync();
        await file.AcquireLeaseAsync(new(Writer, "ns", FirstChunk: true), CancellationToken.None);
        await CommitAsync(file, FileWorld.LengthBytes + 10);
        var durable = world.ToldNumber;
        for (var i = world.Store.Transactions.Count; i > 0; i--) world.Store.Arrived();
        world.Store.Hold();
        var first = CommitAsync(file, FileWorld.LengthBytes + 20);
        world.Store.Arrived();
        var second = CommitAsync(file, FileWorld.LengthBytes + 30);
        world.Store.Release();
        world.Store.Arrived();
        world.Store.Fails = new GofsException(GofsError.Unavailable, "the database is gone");
        world.Store.Release(all: true);
        await Assert.ThrowsAsync<GofsException>(() => first);
        await Assert.ThrowsAsync<GofsException>(() => second);
        Assert.True(world.ToldNumber <= durable + 1, $"it was told as of record {world.ToldNumber}, and {durable + 1} is the last");
    }

    public void Dispose() => world.Dispose();

    private static Task CommitAsync(Gofs.Grains.Files.FileGrain file, long lengthBytes) =>
        file.CommitLengthAsync(new(Writer, lengthBytes, [], null, Close: false), CancellationToken.None);
}
