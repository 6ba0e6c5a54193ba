using System.Text.Json;
using Gofs.Chunks;
using Gofs.ChunkServers;
using Microsoft.Win32.SafeHandles;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// One disk folder: whose it is (<c>gofs-disk.json</c>), that nobody else uses it (<c>lock</c>), where its chunks are, its flushes, and
/// whether it still serves.
/// </summary>
internal sealed class Disk : IDisposable
{
    private const int FormatVersion = 1;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly FileStream held;
    private readonly SafeFileHandle handle;
    private string? fault;
    private long chunks;

    private Disk(string folder, FileStream held, Action<Disk> failed)
    {
        Folder = folder;
        this.held = held;
        handle = LibC.OpenFolder(folder);
        Journal = new(System.IO.Path.Combine(folder, "journal"));
        Flushes = new(handle, broken =>
        {
            Fail(broken.Message);
            failed(this);
        });
    }

    /// <summary>Full path.</summary>
    public string Folder { get; }

    /// <summary>Where chunks are.</summary>
    public string ChunkFolder => System.IO.Path.Combine(Folder, "chunks");

    /// <summary>Where files go that are no chunks.</summary>
    public string Quarantine => System.IO.Path.Combine(Folder, "quarantine");

    /// <summary>Its flushes.</summary>
    public FlushGroup Flushes { get; }

    /// <summary>Its journal of overwrites.</summary>
    public RedoJournal Journal { get; }

    /// <summary>Why it is out of service, or null.</summary>
    public string? Fault => Volatile.Read(ref fault);

    /// <summary>Opens the folder, making it when it is not there.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.ForeignFolder"/>; <see cref="GofsError.DiskFailed"/>.</exception>
    public static Disk Open(string path, ChunkStoreOptions options, Action<Disk> failed)
    {
        var folder = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            held = Lock(folder);
            CheckIdentity(folder, options);
            for (var i = 0; i < 256; i++) Directory.CreateDirectory(System.IO.Path.Combine(folder, "chunks", i.ToString("x2", null)));
            LibC.SyncFolder(System.IO.Path.Combine(folder, "chunks"));
            return new(folder, held, failed);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or (IOException and not GofsException))
        {
            held?.Dispose();
            throw new GofsException(GofsError.DiskFailed, $"the disk folder can't be used: {refused.Message}", folder, refused);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>The folder a chunk's file is in.</summary>
    public string FolderOf(ChunkHandle chunk) => System.IO.Path.Combine(ChunkFolder, (chunk.Value & 0xFF).ToString("x2", null));

    /// <summary>A chunk's file.</summary>
    public string FileOf(ChunkHandle chunk) => System.IO.Path.Combine(FolderOf(chunk), $"{chunk}.chunk");

    /// <summary>Takes the disk out of service.</summary>
    public void Fail(string why) => Interlocked.CompareExchange(ref fault, why, null);

    /// <summary>Counts replicas.</summary>
    public void CountChunks(int more) => Interlocked.Add(ref chunks, more);

    /// <summary>Bytes free for new chunks.</summary>
    public long FreeBytes() => Fault is null ? new DriveInfo(Folder).AvailableFreeSpace : 0;

    /// <summary>As the heartbeat says it.</summary>
    public DiskStatus Status()
    {
        try
        {
            var drive = new DriveInfo(Folder);
            return new(Folder, drive.TotalSize, Fault is null ? drive.AvailableFreeSpace : 0, Interlocked.Read(ref chunks), Fault);
        }
        catch (IOException gone)
        {
            return new(Folder, 0, 0, Interlocked.Read(ref chunks), Fault ?? gone.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Flushes.Dispose();
        Journal.Dispose();
        handle.Dispose();
        held.Dispose();
    }

    private static FileStream Lock(string folder)
    {
        try
        {
            return new(System.IO.Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken is not (DirectoryNotFoundException or FileNotFoundException) && !LibC.IsNoSpace(taken))
        {
            throw new GofsException(GofsError.ForeignFolder, "another process is using this disk folder", folder, taken);
        }
    }

    private static void CheckIdentity(string folder, ChunkStoreOptions options)
    {
        var file = System.IO.Path.Combine(folder, "gofs-disk.json");
        if (!File.Exists(file))
        {
            using var stream = new FileStream(file + ".new", FileMode.Create, FileAccess.Write);
            JsonSerializer.Serialize(stream, new Identity(FormatVersion, options.ClusterId, options.ServerId), Json);
            stream.Flush(flushToDisk: true);
            File.Move(file + ".new", file);
            LibC.SyncFolder(folder);
            return;
        }

        Identity? identity;
        try
        {
            identity = JsonSerializer.Deserialize<Identity>(File.ReadAllBytes(file), Json);
        }
        catch (JsonException broken)
        {
            throw new GofsException(GofsError.ForeignFolder, $"the identity file is not readable: {broken.Message}", file, broken);
        }

        if (identity?.FormatVersion != FormatVersion)
            throw new GofsException(GofsError.ForeignFolder, $"the identity file is not of format {FormatVersion}", file);
        if (identity.ServerId != options.ServerId)
            throw new GofsException(GofsError.ForeignFolder, $"the disk belongs to chunk server '{identity.ServerId}', not to '{options.ServerId}'", folder);
        if (identity.ClusterId != options.ClusterId)
            throw new GofsException(GofsError.ForeignFolder, "the disk belongs to another file system", folder);
    }

    private sealed record Identity(int FormatVersion, string ClusterId, string ServerId);
}
