using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Clones share their bytes with what they were made of, and nobody can tell.</summary>
public abstract class CloneConformance(IServedSystem system) : ConformanceTests(system)
{
    private const int Chunk = 64 << 10;

    [Fact]
    public async Task SmallFile_AndItsClone_AreWrittenApart()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1, 2, 3);
        var clone = await files.CloneAsync(At("/f"), At("/g"), Cancellation);
        Assert.Equal((EntryType.File, 3L), (clone.Type, clone.LengthBytes));
        await HasAsync(files, "/g", 1, 2, 3);
        await WriteAtAsync(files, "/g", 1, [9]);
        await HasAsync(files, "/f", 1, 2, 3);
        await HasAsync(files, "/g", 1, 9, 3);
        await WriteAtAsync(files, "/f", 0, [7]);
        await HasAsync(files, "/f", 7, 2, 3);
        await HasAsync(files, "/g", 1, 9, 3);
    }

    [Fact]
    public async Task LargeFile_AndClonesOfItAndOfItsClone_AreWrittenCutAndExtendedApart()
    {
        var files = await NamespaceAsync();
        var content = Bytes((3 * Chunk) + 1000, seed: 1);
        await WriteAtAsync(files, "/f", 0, content);
        await files.CloneAsync(At("/f"), At("/a"), Cancellation);
        await files.CloneAsync(At("/a"), At("/b"), Cancellation);
        await files.CloneAsync(At("/f"), At("/c"), Cancellation);

        var patch = Bytes(500, seed: 2);
        await WriteAtAsync(files, "/f", Chunk + 7, patch);
        await HasAsync(files, "/a", content);
        await HasAsync(files, "/b", content);
        await HasAsync(files, "/f", Patched(content, Chunk + 7, patch));

        await WriteAtAsync(files, "/b", (3 * Chunk) + 900, patch);
        await HasAsync(files, "/b", Patched(content, (3 * Chunk) + 900, patch));
        await HasAsync(files, "/c", content);

        await CutAsync(files, "/c", Chunk + 100);
        await HasAsync(files, "/c", content[..(Chunk + 100)]);
        await CutAsync(files, "/c", Chunk + 300);
        await HasAsync(files, "/c", [.. content[..(Chunk + 100)], .. new byte[200]]);
        await HasAsync(files, "/a", content);
    }

    [Fact]
    public async Task EitherSide_IsRemovedForEver_AndTheOtherStays()
    {
        var files = await NamespaceAsync();
        var content = Bytes((2 * Chunk) + 5, seed: 3);
        await WriteAtAsync(files, "/f", 0, content);
        await PutAsync(files, "/s", 1, 2);
        foreach (var (from, to) in new[] { ("/f", "/a"), ("/f", "/b"), ("/a", "/c"), ("/s", "/t"), ("/t", "/u") })
            await files.CloneAsync(At(from), At(to), Cancellation);
        foreach (var gone in new[] { "/f", "/s", "/c", "/u" }) await files.RemoveAsync(At(gone), skipTrash: true, cancellation: Cancellation);
        await UntilAsync(async () => (await files.GetStatusAsync(Cancellation)).Names == 4, "what was removed is gone");
        await HasAsync(files, "/a", content);
        await HasAsync(files, "/b", content);
        await HasAsync(files, "/t", 1, 2);
        await WriteAtAsync(files, "/a", 3, [1, 2, 3]);
        await HasAsync(files, "/b", content);
    }

    [Fact]
    public async Task Tree_IsCloned_WithAllThatIsInIt()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d/e"), parents: true, cancellation: Cancellation);
        var content = Bytes(2 * Chunk, seed: 4);
        await WriteAtAsync(files, "/d/e/large", 0, content);
        await PutAsync(files, "/d/small", 5);
        await PutAsync(files, "/d/empty");
        await files.CreateSymlinkAsync(At("/d/link"), Utf8("small"), cancellation: Cancellation);
        await files.SetAttributesAsync(At("/d/small"), mode: 0x180, modifiedAt: 77, cancellation: Cancellation);
        await files.SetExtendedAttributeAsync(At("/d/e"), "user.x", [1], Cancellation);

        await files.CloneAsync(At("/d"), At("/copy"), Cancellation);
        await files.RemoveAsync(At("/d/small"), skipTrash: true, cancellation: Cancellation);
        await WriteAtAsync(files, "/d/e/large", 10, [1, 2, 3]);

        Assert.Equal(["e", "empty", "link", "small"], await NamesAsync(files, "/copy"));
        await HasAsync(files, "/copy/link", 5);
        await HasAsync(files, "/copy/e/large", content);
        await HasAsync(files, "/copy/empty");
        var small = await files.StatAsync(At("/copy/small"), cancellation: Cancellation);
        Assert.Equal((0x180, 77L), (small.Mode, small.ModifiedAt));
        Assert.Equal([1], await files.GetExtendedAttributeAsync(At("/copy/e"), "user.x", Cancellation));
        await RefusedAsync(GofsError.NotPermitted, "/copy/e/x", () => files.CloneAsync(At("/copy"), At("/copy/e/x"), Cancellation));
        await RefusedAsync(GofsError.AlreadyExists, "/d", () => files.CloneAsync(At("/copy"), At("/d"), Cancellation));
        await RefusedAsync(GofsError.NotFound, "/none", () => files.CloneAsync(At("/none"), At("/x"), Cancellation));
    }

    [Fact]
    public async Task FileThatIsBeingWritten_IsClonedAsItWasFlushed_AndItsWriterGoesOn()
    {
        var files = await NamespaceAsync();
        var content = Bytes(Chunk + 100, seed: 5);
        await using (var writer = await files.OpenAsync(At("/f"), FileMode.Create, FileAccess.ReadWrite, cancellation: Cancellation))
        {
            await writer.WriteAsync(content, Cancellation);
            await writer.FlushAsync(Cancellation);
            await files.CloneAsync(At("/f"), At("/g"), Cancellation);
            await HasAsync(files, "/g", content);
            writer.Position = 50;
            await writer.WriteAsync(new byte[] { 1, 2, 3 }, Cancellation);
            writer.Position = content.Length;
            await writer.WriteAsync(new byte[] { 4, 5 }, Cancellation);
            await writer.FlushAsync(Cancellation);
            await HasAsync(files, "/g", content);
        }

        await HasAsync(files, "/g", content);
        await HasAsync(files, "/f", [.. Patched(content, 50, [1, 2, 3]), 4, 5]);
    }

    [Fact]
    public async Task RecordsAppendedAfterAClone_AreNotInIt()
    {
        var files = await NamespaceAsync();
        await using (var appender = await files.OpenAppenderAsync(At("/log"), cancellation: Cancellation))
        {
            await appender.AppendAsync(Utf8("one"), Cancellation);
            await files.CloneAsync(At("/log"), At("/then"), Cancellation);
            await appender.AppendAsync(Utf8("two"), Cancellation);
        }

        Assert.Equal(["one"], await RecordsAsync(files, "/then"));
        Assert.Equal(["one", "two"], await RecordsAsync(files, "/log"));
    }

    [Fact]
    public async Task QuotasCountClones()
    {
        var files = await NamespaceAsync(Config with { MaxNames = 3, MaxBytes = 100 });
        await PutAsync(files, "/f", Bytes(60, seed: 6));
        await RefusedAsync(GofsError.QuotaExceeded, "/g", () => files.CloneAsync(At("/f"), At("/g"), Cancellation));
        await PutAsync(files, "/h", 1);
        await files.CloneAsync(At("/h"), At("/i"), Cancellation);
        await RefusedAsync(GofsError.QuotaExceeded, "/j", () => files.CloneAsync(At("/h"), At("/j"), Cancellation));
    }

    private static byte[] Patched(byte[] content, int at, byte[] patch)
    {
        var all = new byte[Math.Max(content.Length, at + patch.Length)];
        content.CopyTo(all, 0);
        patch.CopyTo(all, at);
        return all;
    }

    private static async Task WriteAtAsync(GofsNamespace files, string path, long position, byte[] bytes)
    {
        await using var file = await files.OpenAsync(At(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, cancellation: Cancellation);
        file.Position = position;
        await file.WriteAsync(bytes, Cancellation);
    }

    private static async Task CutAsync(GofsNamespace files, string path, long length)
    {
        await using var file = await files.OpenAsync(At(path), FileMode.Open, FileAccess.ReadWrite, cancellation: Cancellation);
        await file.SetLengthAsync(length, Cancellation);
    }

    private static async Task<string[]> RecordsAsync(GofsNamespace files, string path)
    {
        List<string> records = [];
        using var reader = await files.OpenRecordReaderAsync(At(path), Cancellation);
        await foreach (var record in reader.ReadAllAsync(Cancellation)) records.Add(System.Text.Encoding.UTF8.GetString(record.Data.Span));
        return [.. records];
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedCloneTests(EmbeddedSystem system) : CloneConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterCloneTests(ClusterSystem system) : CloneConformance(system);
