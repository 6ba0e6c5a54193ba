using System.Text.Json;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Whose disk it is: <c>gofs-disk.json</c>, written once.</summary>
internal sealed record DiskIdentity(int FormatVersion, string ClusterId, string ServerId)
{
    private const int FirstFormat = 1;

    /// <summary>A disk with packs: an earlier release would not see the chunks in them.</summary>
    private const int PackedFormat = 2;
    private const int MostBytes = 64 << 10;
    private const string File = "gofs-disk.json";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Checks that the disk is this server's, and marks a new one.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>.</exception>
    public static void Check(IChunkDisk disk, ChunkStoreOptions options)
    {
        if (!disk.Exists(File))
        {
            Write(disk, new(FirstFormat, options.ClusterId, options.ServerId));
            return;
        }

        var identity = Read(disk);
        if (identity?.FormatVersion is not (FirstFormat or PackedFormat)) throw Foreign(disk, $"{File} is not of format {FirstFormat} or {PackedFormat}");
        if (identity.ServerId != options.ServerId)
            throw Foreign(disk, $"the disk belongs to chunk server '{identity.ServerId}', not to '{options.ServerId}'");
        if (identity.ClusterId != options.ClusterId) throw Foreign(disk, "the disk belongs to another file system");
    }

    /// <summary>Whether a disk that was checked is still there: an empty folder has none.</summary>
    public static bool IsThere(IChunkDisk disk) => disk.Exists(File);

    /// <summary>Says, durably, that there are packs from now on.</summary>
    public static void SetPacked(IChunkDisk disk)
    {
        if (Read(disk) is { FormatVersion: FirstFormat } identity) Write(disk, identity with { FormatVersion = PackedFormat });
    }

    private static void Write(IChunkDisk disk, DiskIdentity identity)
    {
        const string made = File + ".new";
        using (var file = disk.Open(made, DiskOpen.Any))
        {
            file.SetLength(0);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(identity, Json), 0);
            file.SyncData();
        }

        disk.Rename(made, File);
        disk.SyncFolder("");
    }

    private static DiskIdentity? Read(IChunkDisk disk)
    {
        using var file = disk.Open(File, DiskOpen.Existing);
        if (file.Length > MostBytes) throw Foreign(disk, $"{File} is too long to be an identity");
        var bytes = new byte[file.Length];
        var read = file.Read(bytes, 0);
        try
        {
            return JsonSerializer.Deserialize<DiskIdentity>(bytes.AsSpan(0, read), Json);
        }
        catch (JsonException broken)
        {
            throw Foreign(disk, $"{File} is not readable: {broken.Message}", broken);
        }
    }

    private static GofsException Foreign(IChunkDisk disk, string why, Exception? inner = null) => new(GofsError.ForeignFolder, why, disk.Folder, inner);
}
