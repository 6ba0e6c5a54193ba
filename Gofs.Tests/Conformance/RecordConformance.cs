using System.Collections.Concurrent;
using System.Globalization;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Gofs.Files;
using Gofs.Namespaces;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Record append: many at once, each record once and whole, over the ends of chunks.</summary>
public abstract class RecordConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task ManyAppenders_EachRecordIsThereOnce_WhereItWasSaidToBe()
    {
        const int Appenders = 8;
        const int Records = 60;
        var files = await NamespaceAsync();
        var acknowledged = new ConcurrentDictionary<long, string>();
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(async number =>
        {
            await using var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation);
            var random = new Random(number);
            await Task.WhenAll(Enumerable.Range(0, Records).Select(async i =>
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"{number}/{i}:{new string('x', random.Next(3000))}");
                Assert.True(acknowledged.TryAdd(await appender.AppendAsync(Utf8(text), Cancellation), text), "two records at one place");
            }));
        }));
        var found = await RecordsAsync(files, "/f");
        Assert.Equal(acknowledged.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)), found);
        var entry = await files.StatAsync(At("/f"), cancellation: Cancellation);
        Assert.False(entry.IsOpenForWriting);
        Assert.Equal(found[^1].Offset + 32 + found[^1].Text.Length, entry.LengthBytes);
    }

    [Fact]
    public async Task LongestRecords_GoToTheNextChunk_AndOneTooLongIsRefused()
    {
        var files = await NamespaceAsync();
        var whole = new List<byte[]>();
        await using (var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation))
        {
            Assert.Equal((16 << 10) - 32, appender.MaxRecordBytes);
            for (var i = 0; i < 9; i++)
            {
                whole.Add(Bytes(appender.MaxRecordBytes - i, seed: i));
                await appender.AppendAsync(whole[i], Cancellation);
            }

            await RefusedAsync(GofsError.InvalidArgument, "/f", () => appender.AppendAsync(new byte[appender.MaxRecordBytes + 1], Cancellation));
        }

        using var reader = await files.OpenRecordReaderAsync(At("/f"), Cancellation);
        var index = 0;
        await foreach (var record in reader.ReadAllAsync(Cancellation)) Assert.Equal(whole[index++], record.Data.ToArray());
        Assert.Equal(whole.Count, index);
    }

    [Fact]
    public async Task LongRecords_GoInParts_BetweenThoseOfOthers_AndOverTheEndsOfChunks()
    {
        const int ChunkBytes = 13 << 20;
        var files = await NamespaceAsync(Config with { ChunkSizeBytes = ChunkBytes });
        byte[][] records = [Bytes(3 << 20, seed: 1), Bytes((1 << 20) - 32, seed: 2), Bytes((1 << 20) - 31, seed: 3), Bytes((ChunkBytes / 4) - 32, seed: 4)];
        var found = new ConcurrentDictionary<long, byte[]>();
        await Task.WhenAll(records.Select(async (record, i) =>
        {
            await using var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation);
            Assert.Equal((ChunkBytes / 4) - 32, appender.MaxRecordBytes);
            for (var round = 0; round < 2; round++) Assert.True(found.TryAdd(await appender.AppendAsync(record, Cancellation), record));
            var small = Utf8(string.Create(CultureInfo.InvariantCulture, $"of {i}"));
            Assert.True(found.TryAdd(await appender.AppendAsync(small, Cancellation), small));
        }));
        using var reader = await files.OpenRecordReaderAsync(At("/f"), Cancellation);
        await foreach (var record in reader.ReadAllAsync(Cancellation))
        {
            Assert.True(found.TryRemove(record.OffsetBytes, out var appended), $"no record was appended at {record.OffsetBytes}");
            Assert.True(record.Data.Span.SequenceEqual(appended), $"other bytes at {record.OffsetBytes}");
        }

        Assert.Empty(found);
    }

    [Fact]
    public async Task Reader_FollowsWhatIsAppended_WhileTheFileIsOpen()
    {
        var files = await NamespaceAsync();
        await using var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation);
        using var reader = await files.OpenRecordReaderAsync(At("/f"), Cancellation);
        Assert.Null(await reader.ReadAsync(Cancellation));
        for (var i = 0; i < 20; i++)
        {
            var record = Bytes(9000, seed: i); // over chunks of 64 KiB
            var at = await appender.AppendAsync(record, Cancellation);
            var read = await reader.ReadAsync(Cancellation);
            Assert.Equal(at, read?.OffsetBytes);
            Assert.Equal(record, read!.Value.Data.ToArray());
            Assert.Null(await reader.ReadAsync(Cancellation));
        }
    }

    /// <summary>
    /// As when a replica was made anew: the chunk's version moves, and nobody tells the file grain. What one server has more than the others then is cut with
    /// the next append, and who may have read it finds another version.
    /// </summary>
    [Fact]
    public async Task ChunkWhoseVersionHasMoved_IsReadAndAppendedTo_AndWhatIsCutLeavesANewerOne()
    {
        var files = await NamespaceAsync();
        await using var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation);
        await appender.AppendAsync(Utf8("one"), Cancellation);
        var handle = (await ChunkAsync(files, "/f")).Handle;
        var moved = await Client.Grains.GetGrain<IChunkTableGrain>(ChunkTableKey.Of(handle)).GrantVersionAsync(handle, Cancellation);
        Assert.Equal([(0L, "one")], await RecordsAsync(files, "/f"));
        var more = Utf8("of an append that failed");
        if (moved.Servers.Length > 1)
            await Client.Grains.GetGrain<IChunkServerGrain>(moved.Servers[^1].Value)
                .AppendAtAsync(new(handle, moved.Version, 35, more, Crc32C.Compute(more), Config.ChunkSizeBytes, Durable: true), Cancellation);
        Assert.Equal(35, await appender.AppendAsync(Utf8("two"), Cancellation));
        Assert.Equal([(0L, "one"), (35L, "two")], await RecordsAsync(files, "/f"));
        Assert.True((await ChunkAsync(files, "/f")).Version > moved.Version); // the one that was granted is another's
    }

    [Fact]
    public async Task AppendersAndAWriter_ExcludeEachOther_AndWhoComesLaterGoesOnAtTheEnd()
    {
        var files = await NamespaceAsync();
        await using (var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation))
        {
            await appender.AppendAsync(Utf8("one"), Cancellation);
            await RefusedAsync(GofsError.LeaseHeld, "/f", () => OpenAsync(files));
        }

        await using (await OpenAsync(files))
            await RefusedAsync(GofsError.LeaseHeld, "/f", () => files.OpenAppenderAsync(At("/f"), cancellation: Cancellation));
        await using (var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation)) await appender.AppendAsync(Utf8("two"), Cancellation);
        Assert.Equal([(0L, "one"), (35L, "two")], await RecordsAsync(files, "/f"));
    }

    [Fact]
    public async Task AppendersThatWereNotHeardOf_AreSettled_AndNothingIsLost()
    {
        var files = await NamespaceAsync(Config with { LeaseTime = TimeSpan.FromSeconds(1) });
        await using (var other = await GofsClient.ConnectAsync(Options, Cancellation))
        {
            var appender = await other.Namespace(files.Name).OpenAppenderAsync(At("/f"), cancellation: Cancellation);
            await appender.AppendAsync(Utf8("left behind"), Cancellation);
        }

        await UntilAsync(async () => !(await files.StatAsync(At("/f"), cancellation: Cancellation)).IsOpenForWriting, "the file is settled");
        Assert.Equal(43, (await files.StatAsync(At("/f"), cancellation: Cancellation)).LengthBytes);
        Assert.Equal([(0L, "left behind")], await RecordsAsync(files, "/f"));
    }

    [Fact]
    public async Task FileThatWasWrittenOtherwise_HasNoRecords()
    {
        var files = await NamespaceAsync();
        await files.PutAsync(At("/f"), new MemoryStream(Bytes(100_000, seed: 1)), cancellation: Cancellation);
        using var reader = await files.OpenRecordReaderAsync(At("/f"), Cancellation);
        await RefusedAsync(GofsError.Corrupt, "/f", async () => await reader.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task RemovedFile_TakesNoMoreRecords()
    {
        var files = await NamespaceAsync(Config with { TrashRetention = TimeSpan.Zero });
        await using var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation);
        await appender.AppendAsync(Utf8("one"), Cancellation);
        await files.RemoveAsync(At("/f"), skipTrash: true, cancellation: Cancellation);
        Assert.Null(await files.FindAsync(At("/f"), cancellation: Cancellation));
    }

    [Fact]
    public async Task WhatIsDisposedOf_DoesNothingMore()
    {
        var files = await NamespaceAsync();
        var appender = await files.OpenAppenderAsync(At("/f"), cancellation: Cancellation);
        await appender.DisposeAsync();
        await appender.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => appender.AppendAsync(Utf8("one"), Cancellation));
        var reader = await files.OpenRecordReaderAsync(At("/f"), Cancellation);
        reader.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reader.ReadAsync(Cancellation));
    }

    private static async Task<GofsFile> OpenAsync(GofsNamespace files) =>
        await files.OpenAsync(At("/f"), FileMode.Open, FileAccess.Write, cancellation: Cancellation);

    private async Task<ChunkPlacement> ChunkAsync(GofsNamespace files, string path)
    {
        var key = FileKey.Of((await files.GetStatusAsync(Cancellation)).Number, (await files.StatAsync(At(path), cancellation: Cancellation)).Inode);
        return (await Client.Grains.GetGrain<IFileGrain>(key).GetLayoutAsync(0, 1, Cancellation)).Chunks[0];
    }

    private static async Task<List<(long Offset, string Text)>> RecordsAsync(GofsNamespace files, string path)
    {
        using var reader = await files.OpenRecordReaderAsync(At(path), Cancellation);
        List<(long, string)> found = [];
        while (await reader.ReadAsync(Cancellation) is { } record) found.Add((record.OffsetBytes, System.Text.Encoding.UTF8.GetString(record.Data.Span)));
        return found;
    }
}

/// <summary>On the embedded silo, over nothing but grains.</summary>
[Collection<EmbeddedCollection>]
public sealed class EmbeddedGrainRecordTests(EmbeddedSystem system) : RecordConformance(new GrainsOnlySystem(system));

/// <summary>On the cluster, over nothing but grains.</summary>
[Collection<ClusterCollection>]
public sealed class ClusterGrainRecordTests(ClusterSystem system) : RecordConformance(new GrainsOnlySystem(system));

/// <summary>On the embedded silo.</summary>
[Collection<EmbeddedCollection>]
public sealed class EmbeddedRecordTests(EmbeddedSystem system) : RecordConformance(system);

/// <summary>On the cluster.</summary>
[Collection<ClusterCollection>]
public sealed class ClusterRecordTests(ClusterSystem system) : RecordConformance(system);
