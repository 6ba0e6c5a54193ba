using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>A file has one writer, and readers that see what it flushed.</summary>
public abstract class WriterConformance(IServedSystem system) : ConformanceTests(system)
{
    private static readonly TimeSpan LeaseIsOver = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task SecondWriter_IsRefused_UntilTheFirstHasClosed()
    {
        var files = await NamespaceAsync();
        await using (await OpenAsync(files, FileMode.CreateNew))
        {
            await RefusedAsync(GofsError.LeaseHeld, "/f", () => OpenAsync(files, FileMode.Open));
            Assert.True((await files.StatAsync(At("/f"), cancellation: Cancellation)).IsOpenForWriting);
        }

        await using (var second = await OpenAsync(files, FileMode.Open)) Assert.True(second.CanWrite);
        Assert.False((await files.StatAsync(At("/f"), cancellation: Cancellation)).IsOpenForWriting);
    }

    [Fact]
    public async Task OfManyThatCreateExclusively_OneSucceeds()
    {
        var files = await NamespaceAsync();
        var tries = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            try
            {
                await using var file = await OpenAsync(files, FileMode.CreateNew);
                return (GofsError?)null;
            }
            catch (GofsException refused)
            {
                return refused.Error;
            }
        }));
        Assert.Single(tries, one => one is null);
        Assert.All(tries.Where(one => one is not null), one => Assert.Equal(GofsError.AlreadyExists, one));
    }

    [Fact]
    public async Task Reader_FollowsWhatIsFlushed_AndNoMore()
    {
        var files = await NamespaceAsync();
        await using var writer = await OpenAsync(files, FileMode.CreateNew);
        await writer.WriteAsync(Bytes(1000, seed: 1), Cancellation);
        await writer.FlushAsync(Cancellation);
        await using var reader = await files.OpenAsync(At("/f"), FileMode.Open, FileAccess.Read, cancellation: Cancellation);
        var found = new byte[200_000];
        Assert.Equal(1000, await reader.ReadAtLeastAsync(found, found.Length, throwOnEndOfStream: false, Cancellation));
        await writer.WriteAsync(Bytes(150_000, seed: 2), Cancellation);
        Assert.Equal(0, await reader.ReadAsync(found, Cancellation));
        await writer.FlushAsync(Cancellation);
        Assert.Equal(150_000, await reader.ReadAtLeastAsync(found, found.Length, throwOnEndOfStream: false, Cancellation));
        Assert.True(Bytes(150_000, seed: 2).AsSpan().SequenceEqual(found.AsSpan(0, 150_000)), "the reader has other bytes");
        Assert.Equal(151_000, (await files.StatAsync(At("/f"), cancellation: Cancellation)).LengthBytes);
    }

    [Fact]
    public async Task WriterThatGoesOn_KeepsItsLease()
    {
        var files = await NamespaceAsync(Config with { LeaseTime = TimeSpan.FromSeconds(1) });
        await using var writer = await OpenAsync(files, FileMode.CreateNew);
        await writer.WriteAsync(new byte[] { 1 }, Cancellation);
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(2.5))
        {
            await RefusedAsync(GofsError.LeaseHeld, "/f", () => OpenAsync(files, FileMode.Open));
            await Task.Delay(100, Cancellation);
        }

        await writer.WriteAsync(new byte[] { 2 }, Cancellation);
        await writer.DisposeAsync();
        await HasAsync(files, "/f", 1, 2);
    }

    [Fact]
    public async Task WriterThatIsGone_LeavesWhatItFlushed_AndAnotherMayWrite()
    {
        var files = await NamespaceAsync(Config with { LeaseTime = TimeSpan.FromSeconds(1) });
        GofsFile lost;
        await using (var other = await GofsClient.ConnectAsync(Options, Cancellation))
        {
            lost = await OpenAsync(other.Namespace(files.Name), FileMode.CreateNew);
            await lost.WriteAsync(Bytes(100_000, seed: 1), Cancellation);
            await lost.FlushAsync(Cancellation);
            await lost.WriteAsync(Bytes(100_000, seed: 2), Cancellation);
        }

        await using (var next = await OpenWhenFreeAsync(files))
        {
            Assert.Equal(100_000, next.Position);
            await next.WriteAsync(new byte[] { 3 }, Cancellation);
        }

        byte[] expected = [.. Bytes(100_000, seed: 1), 3];
        await HasAsync(files, "/f", expected);
        await Assert.ThrowsAnyAsync<Exception>(() => lost.FlushAsync(Cancellation));
        await HasAsync(files, "/f", expected);
    }

    [Fact]
    public async Task SlowWriter_IsCommittedByItself_AlsoInTheMiddleOfANewChunk()
    {
        var files = await NamespaceAsync(Config with { LeaseTime = TimeSpan.FromSeconds(1) });
        var content = Bytes(250_000, seed: 1);
        await using (var writer = await OpenAsync(files, FileMode.CreateNew))
        {
            await writer.WriteAsync(content.AsMemory(0, 100_000), Cancellation);
            await UntilAsync(async () => (await files.StatAsync(At("/f"), cancellation: Cancellation)).LengthBytes == 100_000, "it is committed");
            await writer.WriteAsync(content.AsMemory(100_000), Cancellation);
        }

        await HasAsync(files, "/f", content);
    }

    [Fact]
    public async Task WriterOfVeryManyChunks_NeedsNoFlush()
    {
        const int MoreThanWaitUncommitted = 1030;
        var files = await NamespaceAsync(Config with { Goal = 1, Durability = Durability.None });
        await using (var writer = await OpenAsync(files, FileMode.CreateNew))
        {
            for (var chunk = 0L; chunk < MoreThanWaitUncommitted; chunk++)
            {
                writer.Position = chunk * (64 << 10);
                await writer.WriteAsync(new byte[] { (byte)chunk }, Cancellation);
            }
        }

        await using var reader = await files.OpenAsync(At("/f"), FileMode.Open, FileAccess.Read, cancellation: Cancellation);
        Assert.Equal(((MoreThanWaitUncommitted - 1) * (64L << 10)) + 1, reader.Length);
        var found = new byte[1];
        foreach (var chunk in new[] { 0, 1023, 1024, 1025, MoreThanWaitUncommitted - 1 })
        {
            Assert.Equal(1, await reader.ReadAtAsync(chunk * (64L << 10), found, Cancellation));
            Assert.Equal((byte)chunk, found[0]);
        }
    }

    [Fact]
    public async Task FileRemovedUnderItsWriter_StaysRemoved()
    {
        var files = await NamespaceAsync();
        var writer = await OpenAsync(files, FileMode.CreateNew);
        await files.RemoveAsync(At("/f"), skipTrash: true, cancellation: Cancellation);
        try
        {
            await writer.WriteAsync(new byte[] { 1 }, Cancellation);
            await writer.DisposeAsync();
        }
        catch (GofsException failure)
        {
            Assert.Equal(GofsError.NotFound, failure.Error); // it was given up already
        }

        Assert.Empty(await NamesAsync(files, "/"));
    }

    private static Task<GofsFile> OpenAsync(GofsNamespace files, FileMode mode) =>
        files.OpenAsync(At("/f"), mode, FileAccess.Write, cancellation: Cancellation);

    private static async Task<GofsFile> OpenWhenFreeAsync(GofsNamespace files)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await OpenAsync(files, FileMode.Append);
            }
            catch (GofsException held) when (held.Error == GofsError.LeaseHeld && TimeProvider.System.GetElapsedTime(started) < LeaseIsOver)
            {
                await Task.Delay(100, Cancellation);
            }
        }
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedWriterTests(EmbeddedSystem system) : WriterConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterWriterTests(ClusterSystem system) : WriterConformance(system);
