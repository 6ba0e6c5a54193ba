using Gofs.Grains.ChunkServers;
using Gofs.Tests.ChunkServers.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>A chunk copied to another on the same server, for a clone that is written to.</summary>
public sealed class LocalCopyTests
{
    [Theory, InlineData(0), InlineData(1), InlineData(200_000), InlineData((3 << 20) + 12_345), InlineData(4 << 20)]
    public async Task Copy_HasTheBytesAndTheVersion_AndIsWrittenApart(int length)
    {
        await using var pair = await CopyPair.StartAsync();
        await using var copies = CopiesOf(pair);
        var all = await FilledAsync(pair, length);
        await copies.CopyLocalAsync(StoreHost.Handle(1), new(5), StoreHost.Handle(2), CancellationToken.None);
        Assert.Equal(all, await CopyPair.ReadAsync(pair.Source, 2, version: 5));
        await pair.WriteAsync(2, [9, 9], version: 5);
        Assert.Equal(all, await CopyPair.ReadAsync(pair.Source, 1, version: 5));
        Assert.Equal(2, pair.Source.GetAll().Count);
    }

    [Fact]
    public async Task ReplicaOfAnotherVersion_IsNotCopied_AndNothingIsLeft()
    {
        await using var pair = await CopyPair.StartAsync();
        await using var copies = CopiesOf(pair);
        await FilledAsync(pair, 200_000);
        var refused = await Assert.ThrowsAsync<GofsException>(
            () => copies.CopyLocalAsync(StoreHost.Handle(1), new(4), StoreHost.Handle(2), CancellationToken.None));
        Assert.Equal(GofsError.StaleVersion, refused.Error);
        Assert.Single(pair.Source.GetAll());
    }

    [Fact]
    public async Task ManyAtOnce_AndOneAskedForAgain_AreEachThereOnce()
    {
        await using var pair = await CopyPair.StartAsync();
        await using var copies = CopiesOf(pair);
        var all = await FilledAsync(pair, 1000);
        await Task.WhenAll(Enumerable.Range(2, 20).Select(to =>
            copies.CopyLocalAsync(StoreHost.Handle(1), new(5), StoreHost.Handle(to), CancellationToken.None)));
        await copies.CopyLocalAsync(StoreHost.Handle(1), new(5), StoreHost.Handle(2), CancellationToken.None);
        for (var to = 2; to < 22; to++) Assert.Equal(all, await CopyPair.ReadAsync(pair.Source, to, version: 5));
        Assert.Equal(21, pair.Source.GetAll().Count);
    }

    private static async Task<byte[]> FilledAsync(CopyPair pair, int length)
    {
        await pair.Source.CreateAsync(StoreHost.Handle(1), CopyPair.ChunkBytes, CancellationToken.None);
        var all = StoreHost.Bytes(length);
        for (var at = 0; at < length; at += 1 << 20) await pair.WriteAsync(1, all[at..Math.Min(length, at + (1 << 20))], at);
        await pair.SetVersionAsync(1, 5);
        return all;
    }

    private static ReplicaCopies CopiesOf(CopyPair pair) => new(
        new(pair.Source, _ => throw new NotSupportedException(), pair, new(1, TimeProvider.System), new FakeTimeProvider()),
        NullLogger<ReplicaCopies>.Instance);
}
