using System.Text.Json;
using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// How far scrub is: <c>gofs-scrub.json</c> on each disk. It is not synced: after a power cut it may be older, or nothing, and then some replicas are read
/// again.
/// </summary>
internal static class ScrubFile
{
    private const string File = "gofs-scrub.json";
    private const int MostBytes = 64 << 10;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes it, whole or not at all.</summary>
    public static void Write(IChunkDisk disk, ScrubPass pass)
    {
        const string made = File + ".new";
        using (var file = disk.Open(made, DiskOpen.Any))
        {
            file.SetLength(0);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(pass, Json), 0);
        }

        disk.Rename(made, File);
    }

    /// <summary>Reads it; null when there is none that can be read: then a pass begins from the start.</summary>
    public static ScrubPass? Read(IChunkDisk disk)
    {
        try
        {
            using var file = disk.Open(File, DiskOpen.Existing);
            if (file.Length is 0 or > MostBytes) return null;
            var bytes = new byte[file.Length];
            return JsonSerializer.Deserialize<ScrubPass>(bytes.AsSpan(0, file.Read(bytes, 0)), Json);
        }
        catch (Exception none) when (none is FileNotFoundException or JsonException || (none is IOException unread && LibC.IsUnreadable(unread)))
        {
            return null;
        }
    }
}
