using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Files as streams, and whole.</summary>
public abstract class FileConformance(IServedSystem system) : ConformanceTests(system)
{
    private const int SeveralChunks = 300_000;

    [Fact]
    public async Task WhatIsPut_IsGot_AndProgressIsTold()
    {
        var files = await NamespaceAsync();
        foreach (var length in new[] { 0, 1, 64 << 10, SeveralChunks })
        {
            var content = Bytes(length, seed: length);
            Told put = new(), got = new();
            var entry = await files.PutAsync(At("/f"), new MemoryStream(content), new Ownership(0x180, 1, 2), 1234, put, Cancellation);
            Assert.Equal((length, 1234, 0x180, 1u, false), (entry.LengthBytes, entry.ModifiedAt, entry.Mode, entry.Owner, entry.IsOpenForWriting));
            using var copy = new MemoryStream();
            await files.GetAsync(At("/f"), copy, got, Cancellation);
            Assert.True(content.AsSpan().SequenceEqual(copy.ToArray()), $"{length} bytes came back otherwise");
            Assert.Equal((length, length), (put.Last, got.Last));
            var found = await files.StatAsync(At("/f"), cancellation: Cancellation);
            Assert.Equal((entry.Inode, length, 1234), (found.Inode, found.LengthBytes, found.ModifiedAt));
        }
    }

    [Fact]
    public async Task ManySmallFilesPutAtOnce_EachHasItsOwnBytes()
    {
        var files = await NamespaceAsync();
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => PutAsync(files, $"/{i}", Bytes(1 + (i * 131 % 40_000), seed: i))));
        Assert.Equal(300, (await NamesAsync(files, "/")).Length);
        await Parallel.ForAsync(0, 300, Cancellation, async (i, _) => await HasAsync(files, $"/{i}", Bytes(1 + (i * 131 % 40_000), seed: i)));
    }

    [Fact]
    public async Task SourceThatFails_ChangesNothing()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1, 2, 3);
        await Assert.ThrowsAsync<EndOfStreamException>(() => files.PutAsync(At("/f"), new FailingSource(SeveralChunks), cancellation: Cancellation));
        await Assert.ThrowsAsync<EndOfStreamException>(() => files.PutAsync(At("/g"), new FailingSource(SeveralChunks), cancellation: Cancellation));
        await HasAsync(files, "/f", 1, 2, 3);
        Assert.Equal(["f"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task OpenModes_AreThoseOfAFileStream()
    {
        var files = await NamespaceAsync();
        await RefusedAsync(GofsError.NotFound, "/f", () => OpenAsync(files, FileMode.Open, FileAccess.Read));
        await RefusedAsync(GofsError.NotFound, "/f", () => OpenAsync(files, FileMode.Open, FileAccess.Write));
        await RefusedAsync(GofsError.NotFound, "/f", () => OpenAsync(files, FileMode.Truncate, FileAccess.Write));
        await using (var made = await OpenAsync(files, FileMode.CreateNew, FileAccess.Write)) await made.WriteAsync(Bytes(10, seed: 1), Cancellation);
        await RefusedAsync(GofsError.AlreadyExists, "/f", () => OpenAsync(files, FileMode.CreateNew, FileAccess.Write));
        await using (var there = await OpenAsync(files, FileMode.OpenOrCreate, FileAccess.ReadWrite)) Assert.Equal((10, 0), (there.Length, there.Position));
        await using (var more = await OpenAsync(files, FileMode.Append, FileAccess.Write))
        {
            Assert.Equal((10, 10), (more.Length, more.Position));
            await more.WriteAsync(Bytes(5, seed: 2), Cancellation);
            Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => more.Seek(9, SeekOrigin.Begin)).Error);
        }

        await HasAsync(files, "/f", [.. Bytes(10, seed: 1), .. Bytes(5, seed: 2)]);
        await using (var cut = await OpenAsync(files, FileMode.Truncate, FileAccess.Write)) Assert.Equal(0, cut.Length);
        await using (var anew = await OpenAsync(files, FileMode.Create, FileAccess.Write)) await anew.WriteAsync(Bytes(3, seed: 3), Cancellation);
        await HasAsync(files, "/f", Bytes(3, seed: 3));
        await using (var empty = await files.OpenAsync(At("/new"), FileMode.OpenOrCreate, FileAccess.Read, cancellation: Cancellation))
            Assert.Equal(0, empty.Length);
        await RefusedAsync(GofsError.InvalidArgument, "/f", () => OpenAsync(files, FileMode.Create, FileAccess.Read));
        await RefusedAsync(GofsError.InvalidArgument, "/f", () => OpenAsync(files, FileMode.Append, FileAccess.ReadWrite));
    }

    [Fact]
    public async Task Directory_IsNoFile()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/f"), cancellation: Cancellation);
        await RefusedAsync(GofsError.IsADirectory, "/f", () => OpenAsync(files, FileMode.Open, FileAccess.Read));
        await RefusedAsync(GofsError.IsADirectory, "/f", () => OpenAsync(files, FileMode.OpenOrCreate, FileAccess.Write));
        await RefusedAsync(GofsError.IsADirectory, "/f", () => PutAsync(files, "/f", 1));
        await RefusedAsync(GofsError.IsADirectory, "/f", () => ReadAsync(files, "/f"));
        await RefusedAsync(GofsError.NotFound, "/x", () => ReadAsync(files, "/x"));
        await RefusedAsync(GofsError.NotFound, "/x/f", () => PutAsync(files, "/x/f", 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BytesWrittenOver_AreReadByWhoHasReadThemBefore(bool localFiles)
    {
        var files = await NamespaceAsync();
        var content = Bytes(200_000, seed: 8);
        await PutAsync(files, "/f", content);
        await using var other = new GofsClient(Client.Grains, Options with { LocalFiles = localFiles });
        await using var reader = await other.Namespace(files.Name).OpenAsync(At("/f"), FileMode.Open, FileAccess.Read, cancellation: Cancellation);
        await using var writer = await files.OpenAsync(At("/f"), FileMode.Open, FileAccess.Write, cancellation: Cancellation);
        var found = new byte[1000];
        for (var i = 0; i < 12; i++)
        {
            var offset = 13_000 * i;
            writer.Position = offset;
            await writer.WriteAsync(Bytes(500, seed: 100 + i), Cancellation);
            await writer.FlushAsync(Cancellation);
            Bytes(500, seed: 100 + i).CopyTo(content, offset);
            for (var again = 0; again < 4; again++)
            {
                Assert.Equal(1000, await reader.ReadAtAsync(offset, found, Cancellation));
                Assert.True(content.AsSpan(offset, 1000).SequenceEqual(found), $"round {i}, read {again}: other bytes than were flushed");
            }
        }
    }

    [Fact]
    public async Task SeekReadWriteAndCut_OverChunks_AreAsInMemory()
    {
        var files = await NamespaceAsync();
        var content = Bytes(SeveralChunks, seed: 5);
        await using var file = await OpenAsync(files, FileMode.CreateNew, FileAccess.ReadWrite);
        Assert.True(file.CanRead && file.CanWrite && file.CanSeek);
        Func<byte[], int, int, CancellationToken, Task> write = file.WriteAsync;
        await write(content, 0, content.Length, Cancellation);
        Assert.Equal(100_000, file.Seek(100_000 - SeveralChunks, SeekOrigin.Current));
        await file.WriteAsync(Bytes(70_000, seed: 6), Cancellation);
        Bytes(70_000, seed: 6).CopyTo(content, 100_000);
        var found = new byte[SeveralChunks];
        file.Position = 0;
        Assert.Equal(found.Length, await file.ReadAtLeastAsync(found, found.Length, cancellationToken: Cancellation));
        Assert.True(content.AsSpan().SequenceEqual(found), "the bytes that were read are others");
        Assert.Equal(1000, await file.ReadAtAsync(99_500, found.AsMemory(0, 1000), Cancellation));
        Assert.True(content.AsSpan(99_500, 1000).SequenceEqual(found.AsSpan(0, 1000)), "the bytes in the middle are others");
        Assert.Equal(SeveralChunks - 10, file.Seek(-10, SeekOrigin.End));
        Func<byte[], int, int, CancellationToken, Task<int>> read = file.ReadAsync;
        Assert.Equal(10, await read(found, 0, 1000, Cancellation));
        await file.SetLengthAsync(70_001, Cancellation);
        Assert.Equal((70_001, 70_001), (file.Length, file.Position));
        await file.SetLengthAsync(150_000, Cancellation);
        await file.DisposeAsync();
        byte[] expected = [.. content.AsSpan(0, 70_001), .. new byte[150_000 - 70_001]];
        await HasAsync(files, "/f", expected);
    }

    [Fact]
    public async Task Hole_ReadsAsZeros()
    {
        var files = await NamespaceAsync();
        await using (var file = await OpenAsync(files, FileMode.CreateNew, FileAccess.Write))
        {
            file.Seek(SeveralChunks, SeekOrigin.Begin);
            await file.WriteAsync(new byte[] { 9 }, Cancellation);
        }

        byte[] expected = [.. new byte[SeveralChunks], 9];
        await HasAsync(files, "/f", expected);
    }

    [Fact]
    public async Task ModificationTime_IsTheWritersWord_OrNow()
    {
        var files = await NamespaceAsync();
        await using (var file = await OpenAsync(files, FileMode.CreateNew, FileAccess.Write))
        {
            Assert.Null(file.ModifiedAt);
            await file.WriteAsync(new byte[] { 1 }, Cancellation);
            file.ModifiedAt = 4321;
        }

        var entry = await files.StatAsync(At("/f"), cancellation: Cancellation);
        Assert.Equal((4321, 1), (entry.ModifiedAt, entry.LengthBytes));
        await using var reader = await OpenAsync(files, FileMode.Open, FileAccess.Read);
        Assert.Equal((entry.Inode, 4321), (reader.Entry.Inode, reader.Entry.ModifiedAt));
    }

    [Fact]
    public async Task BlockingMembers_DoWhatTheirTwinsDo()
    {
        var files = await NamespaceAsync();
        var content = Bytes(SeveralChunks, seed: 7);
        await Task.Run(
            async () =>
            {
                using var file = await OpenAsync(files, FileMode.CreateNew, FileAccess.ReadWrite);
                file.Write(content, 0, content.Length);
                file.Flush();
                file.SetLength(200_000);
                file.Position = 5;
                var found = new byte[100];
                Assert.Equal(100, file.Read(found, 0, 100));
                Assert.True(content.AsSpan(5, 100).SequenceEqual(found), "other bytes were read");
            },
            Cancellation);
        Assert.Equal(200_000, (await files.StatAsync(At("/f"), cancellation: Cancellation)).LengthBytes);
    }

    [Fact]
    public async Task WrongUse_IsRefused()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await using var reader = await OpenAsync(files, FileMode.Open, FileAccess.Read);
        Assert.False(reader.CanWrite);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await reader.WriteAsync(new byte[1], Cancellation));
        await Assert.ThrowsAsync<NotSupportedException>(() => reader.SetLengthAsync(0, Cancellation));
        Assert.Equal(GofsError.InvalidArgument, Assert.Throws<GofsException>(() => reader.Seek(-1, SeekOrigin.Begin)).Error);
        await using var writer = await OpenAsync(files, FileMode.Open, FileAccess.Write);
        Assert.False(writer.CanRead);
        await Assert.ThrowsAsync<NotSupportedException>(async () => _ = await writer.ReadAsync(new byte[1], Cancellation));
        await writer.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => writer.FlushAsync(Cancellation));
    }

    private static Task<GofsFile> OpenAsync(GofsNamespace files, FileMode mode, FileAccess access) =>
        files.OpenAsync(At("/f"), mode, access, cancellation: Cancellation);

    private sealed class Told : IProgress<long>
    {
        public long Last { get; private set; }

        public void Report(long value)
        {
            Assert.True(value > Last, "progress goes back");
            Last = value;
        }
    }

    /// <summary>Gives some bytes, then fails.</summary>
    private sealed class FailingSource(int bytes) : MemoryStream(new byte[bytes])
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is var read && read > 0 ? read : throw new EndOfStreamException("the source is broken");
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedFileTests(EmbeddedSystem system) : FileConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterFileTests(ClusterSystem system) : FileConformance(system);
