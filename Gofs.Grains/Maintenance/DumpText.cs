using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Gofs.Chunks;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Transport;

namespace Gofs.Grains.Maintenance;

/// <summary>Writes the lines of a dump, page by page, and counts and sums up what it wrote.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A JSON writer over memory holds nothing that has to be given back")]
internal sealed class DumpText
{
    private readonly ArrayBufferWriter<byte> page = new(320 << 10);
    private readonly Utf8JsonWriter json;
    private uint crc;
    private int start;

    /// <summary>Begins.</summary>
    public DumpText() => json = new(page, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>What was written so far.</summary>
    public DumpCounts Counts { get; private set; }

    /// <summary>Length of the page so far.</summary>
    public int PageBytes => page.WrittenCount;

    /// <summary>Takes the page out.</summary>
    public byte[] TakePage()
    {
        var bytes = page.WrittenSpan.ToArray();
        page.ResetWrittenCount();
        return bytes;
    }

    /// <summary>Writes the first line.</summary>
    public void Write(DumpLine.Header header)
    {
        Begin();
        json.WriteString("format", "gofs-dump");
        json.WriteNumber("version", DumpLine.Version);
        json.WriteString("namespace", header.Name);
        json.WriteNumber("number", header.Number);
        json.WriteNumber("editlog", header.EditLogNumber);
        json.WriteString("time", header.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteNumber("lastInode", header.LastInode);
        json.WriteNumber("lastTrash", header.LastTrashId);
        json.WriteStartArray("reserved");
        foreach (var counter in header.Reserved) json.WriteNumberValue(counter);
        json.WriteEndArray();
        json.WriteStartObject("settings");
        json.WriteNumber("chunkSize", header.Config.ChunkSizeBytes);
        json.WriteNumber("goal", header.Config.Goal);
        json.WriteString("durability", header.Config.Durability.ToString().ToLowerInvariant());
        json.WriteNumber("trashSeconds", (decimal)header.Config.TrashRetention.Ticks / TimeSpan.TicksPerSecond);
        json.WriteNumber("maxNames", header.Config.MaxNames);
        json.WriteNumber("maxBytes", header.Config.MaxBytes);
        json.WriteNumber("leaseSeconds", (decimal)header.Config.LeaseTime.Ticks / TimeSpan.TicksPerSecond);
        json.WriteNumber("shards", header.Config.ChunkTableShards);
        if (header.Config.MinReplicas > 0) json.WriteNumber("minReplicas", header.Config.MinReplicas);
        if (header.Config.MaxStoredBytes > 0) json.WriteNumber("maxStored", header.Config.MaxStoredBytes);
        json.WriteEndObject();
        End();
    }

    /// <summary>Writes an inode with its first chunks.</summary>
    public void Write(LoadedInode row, ReadOnlySpan<DumpLine.Chunk> chunks)
    {
        Begin();
        json.WriteNumber("inode", row.Inode);
        if (row.TrashId != 0) WriteTrash(row);
        else if (row.Parent != 0)
        {
            json.WriteNumber("parent", row.Parent);
            json.WriteString("name", PercentText.Encode(row.Name));
        }

        json.WriteString("type", TypeOf(row.Type));
        json.WriteString("mode", Convert.ToString(row.Ownership.Mode, 8));
        json.WriteNumber("owner", row.Ownership.Owner);
        json.WriteNumber("group", row.Ownership.Group);
        json.WriteNumber("modifiedAt", row.ModifiedAt);
        if (row.Goal != 0) json.WriteNumber("goal", row.Goal);
        if (row.Target is not null) json.WriteString("target", PercentText.Encode(row.Target));
        if (row.Type == EntryType.File) json.WriteNumber("length", row.LengthBytes);
        if (row.ChunkSizeBytes != 0) json.WriteNumber("chunkSize", row.ChunkSizeBytes);
        if (row.OnlyChunk != ChunkHandle.None) json.WriteBoolean("whole", true);
        if (chunks.Length > 0) Write(chunks);
        End();
        Counts = Add(Counts, row);
    }

    /// <summary>Writes more chunks of the file before.</summary>
    public void WriteMore(long inode, ReadOnlySpan<DumpLine.Chunk> chunks)
    {
        Begin();
        json.WriteNumber("chunksOf", inode);
        Write(chunks);
        End();
    }

    /// <summary>Writes an extended attribute.</summary>
    public void Write(LoadedAttribute attribute)
    {
        Begin();
        json.WriteNumber("xattrOf", attribute.Inode);
        json.WriteString("name", PercentText.Encode(Encoding.UTF8.GetBytes(attribute.Name)));
        json.WriteString("value", PercentText.Encode(attribute.Value));
        End();
    }

    /// <summary>Writes the last line.</summary>
    public void WriteEnd()
    {
        Begin();
        json.WriteBoolean("end", true);
        json.WriteNumber("inodes", Counts.Inodes);
        json.WriteNumber("files", Counts.Files);
        json.WriteNumber("directories", Counts.Directories);
        json.WriteNumber("symlinks", Counts.Symlinks);
        json.WriteNumber("trash", Counts.TrashItems);
        json.WriteNumber("bytes", Counts.LengthBytes);
        json.Flush();
        page.Write(EndingOf(Crc32C.Append(crc, page.WrittenSpan[start..])));
    }

    /// <summary>How a dump ends, after everything the CRC-32C is of.</summary>
    public static byte[] EndingOf(uint crc) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"crc32c\":\"{crc:x8}\"}}\n"));

    /// <summary>Counts one more inode.</summary>
    public static DumpCounts Add(DumpCounts counts, LoadedInode row) => new(
        counts.Inodes + 1,
        counts.Files + (row.Type == EntryType.File ? 1 : 0),
        counts.Directories + (row.Type == EntryType.Directory ? 1 : 0),
        counts.Symlinks + (row.Type == EntryType.Symlink ? 1 : 0),
        counts.TrashItems + (row.TrashId != 0 ? 1 : 0),
        counts.LengthBytes + (row.Type == EntryType.File ? row.LengthBytes : 0));

    private static string TypeOf(EntryType type) => type switch
    {
        EntryType.Directory => "directory",
        EntryType.Symlink => "symlink",
        _ => "file",
    };

    private void WriteTrash(LoadedInode row)
    {
        json.WriteStartObject("trash");
        json.WriteNumber("id", row.TrashId);
        json.WriteString("path", PercentText.Encode(row.TrashPath));
        json.WriteNumber("removedAt", row.RemovedAt);
        json.WriteEndObject();
    }

    private void Write(ReadOnlySpan<DumpLine.Chunk> chunks)
    {
        json.WriteStartArray("chunks");
        foreach (var chunk in chunks)
        {
            json.WriteStartArray();
            json.WriteNumberValue(chunk.Index);
            json.WriteStringValue(chunk.Handle.ToString());
            json.WriteNumberValue(chunk.Version);
            json.WriteNumberValue(chunk.Goal);
            if (chunk.IsShared) json.WriteBooleanValue(true);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private void Begin()
    {
        start = page.WrittenCount;
        json.Reset(page);
        json.WriteStartObject();
    }

    private void End()
    {
        json.WriteEndObject();
        json.Flush();
        page.Write("\n"u8);
        crc = Crc32C.Append(crc, page.WrittenSpan[start..]);
    }
}
