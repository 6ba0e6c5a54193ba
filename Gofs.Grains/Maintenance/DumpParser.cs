using System.Globalization;
using System.Text;
using System.Text.Json;
using Gofs.Chunks;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Transport;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// Takes a dump's bytes, cut anywhere, and gives its lines. The CRC at the end must be that of all before it, and nothing may follow. Whatever
/// is not as it must be is one <see cref="GofsError.EditLogCorrupt"/> with the line's number.
/// </summary>
internal sealed class DumpParser
{
    private byte[] rest = [];
    private long lines;
    private uint crc;

    /// <summary>Whether the last line was there.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>The lines that end in these bytes.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>.</exception>
    public IEnumerable<DumpLine> Add(byte[] bytes)
    {
        byte[] all = rest.Length == 0 ? bytes : [.. rest, .. bytes];
        var start = 0;
        for (var end = 0; (end = Array.IndexOf(all, (byte)'\n', start)) >= 0; start = end + 1)
        {
            lines++;
            yield return Parse(all.AsMemory(start, end + 1 - start));
        }

        rest = all[start..];
        if (rest.Length > DumpLine.MostBytes) throw Corrupt($"it is longer than {DumpLine.MostBytes} bytes");
    }

    /// <summary>Refuses a dump whose last line was not there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>.</exception>
    public void RequireEnd()
    {
        if (!AtEnd || rest.Length > 0)
            throw new GofsException(GofsError.EditLogCorrupt, AtEnd ? "the dump goes on after its last line" : "the dump is cut off: its last line is missing");
    }

    private DumpLine Parse(ReadOnlyMemory<byte> line)
    {
        if (AtEnd) throw Corrupt("it comes after the last");
        try
        {
            using var document = JsonDocument.Parse(line);
            var parsed = Parse(document.RootElement);
            if (lines == 1 != parsed is DumpLine.Header) throw Corrupt("the header is the first line");
            if (parsed is DumpLine.End) RequireCrc(line.Span);
            else crc = Crc32C.Append(crc, line.Span);
            return parsed;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException or KeyNotFoundException
            or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            throw Corrupt(broken.Message, broken);
        }
    }

    private void RequireCrc(ReadOnlySpan<byte> line)
    {
        var ending = DumpText.EndingOf(0).Length;
        if (line.Length < ending || !line[^ending..].SequenceEqual(DumpText.EndingOf(Crc32C.Append(crc, line[..^ending]))))
            throw Corrupt("the CRC-32C is not that of what is before it: the dump was altered");
        AtEnd = true;
    }

    private GofsException Corrupt(string why, Exception? inner = null) =>
        new(GofsError.EditLogCorrupt, $"line {lines} of the dump can't be read: {why}", "", inner);

    private static DumpLine Parse(JsonElement line) =>
        line.TryGetProperty("inode", out var inode) ? InodeOf(line, inode.GetInt64())
        : line.TryGetProperty("xattrOf", out var owner) ? new DumpLine.Attribute(new(owner.GetInt64(), Encoding.UTF8.GetString(Bytes(line, "name")), Bytes(line, "value")))
        : line.TryGetProperty("chunksOf", out var file) ? new DumpLine.MoreChunks(file.GetInt64(), ChunksOf(line))
        : line.TryGetProperty("format", out var format) ? HeaderOf(line, format.GetString())
        : line.TryGetProperty("end", out _) ? EndOf(line)
        : throw new FormatException("it is no line of a dump");

    private static DumpLine.Header HeaderOf(JsonElement line, string? format)
    {
        if (format != "gofs-dump") throw new FormatException("the format is not gofs-dump");
        var version = line.GetProperty("version").GetInt32();
        if (version is < DumpLine.OldestVersion or > DumpLine.Version)
            throw new FormatException($"the dump has version {version}; this release reads {DumpLine.OldestVersion} to {DumpLine.Version}");
        var settings = line.GetProperty("settings");
        var config = new NamespaceConfig(
            Number(settings, "chunkSize"), settings.GetProperty("goal").GetInt32(),
            settings.GetProperty("durability").GetString() switch
            {
                "flush" => Durability.Flush,
                "write" => Durability.Write,
                "none" => Durability.None,
                _ => throw new FormatException("durability is flush, write or none"),
            },
            Seconds(settings, "trashSeconds"), Number(settings, "maxNames"), Number(settings, "maxBytes"), Seconds(settings, "leaseSeconds"),
            settings.GetProperty("shards").GetInt32())
        {
            MinReplicas = settings.TryGetProperty("minReplicas", out var least) ? least.GetInt32() : 0,
            MaxStoredBytes = settings.TryGetProperty("maxStored", out var stored) ? stored.GetInt64() : 0,
        };
        return new(line.GetProperty("namespace").GetString() ?? "", line.GetProperty("number").GetInt32(), Number(line, "editlog"),
            line.GetProperty("time").GetDateTimeOffset(), Number(line, "lastInode"), Number(line, "lastTrash"),
            [.. line.GetProperty("reserved").EnumerateArray().Select(counter => counter.GetInt64())], config);
    }

    private static DumpLine.Inode InodeOf(JsonElement line, long inode)
    {
        var type = line.GetProperty("type").GetString() switch
        {
            "file" => EntryType.File,
            "directory" => EntryType.Directory,
            "symlink" => EntryType.Symlink,
            _ => throw new FormatException("the type is file, directory or symlink"),
        };
        var hasTrash = line.TryGetProperty("trash", out var trash);
        var hasParent = line.TryGetProperty("parent", out var parent);
        var target = line.TryGetProperty("target", out _) ? Bytes(line, "target") : null;
        var chunks = line.TryGetProperty("chunks", out _) ? ChunksOf(line) : [];
        var whole = line.TryGetProperty("whole", out var one) && one.GetBoolean();
        if (whole && chunks is not [{ Index: 0 }]) throw new FormatException("a whole file has one chunk");
        return new(new(
            inode, hasParent ? parent.GetInt64() : 0, hasParent ? Bytes(line, "name") : [], type,
            new(Convert.ToInt32(line.GetProperty("mode").GetString(), 8), line.GetProperty("owner").GetUInt32(), line.GetProperty("group").GetUInt32()),
            Number(line, "modifiedAt"), type == EntryType.File ? Number(line, "length") : target?.Length ?? 0, target,
            whole ? chunks[0].Handle : ChunkHandle.None, line.TryGetProperty("chunkSize", out var size) ? size.GetInt64() : 0,
            hasTrash ? Number(trash, "id") : 0, hasTrash ? Bytes(trash, "path") : null, hasTrash ? Number(trash, "removedAt") : 0)
        {
            Goal = line.TryGetProperty("goal", out var goal) ? goal.GetInt32() : 0,
        }, chunks);
    }

    private static DumpLine.Chunk[] ChunksOf(JsonElement line)
    {
        var all = line.GetProperty("chunks");
        if (all.GetArrayLength() > DumpLine.MostChunks) throw new FormatException($"at most {DumpLine.MostChunks} chunks are on a line");
        return [.. all.EnumerateArray().Select(chunk => new DumpLine.Chunk(
            chunk[0].GetInt32(), new(ulong.Parse(chunk[1].GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
            chunk[2].GetInt32(), chunk[3].GetInt32(), chunk.GetArrayLength() > 4 && chunk[4].GetBoolean()))];
    }

    private static DumpLine.End EndOf(JsonElement line) => new(
        new(Number(line, "inodes"), Number(line, "files"), Number(line, "directories"), Number(line, "symlinks"), Number(line, "trash"), Number(line, "bytes")));

    private static long Number(JsonElement line, string name) => line.GetProperty(name).GetInt64();

    private static TimeSpan Seconds(JsonElement line, string name) => new((long)(line.GetProperty(name).GetDecimal() * TimeSpan.TicksPerSecond));

    private static byte[] Bytes(JsonElement line, string name) =>
        PercentText.Decode(line.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null"));
}
