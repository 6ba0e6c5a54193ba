using System.Text.Json;

namespace Gofs.Silo.Hosting;

/// <summary>
/// A silo's data folder: whose it is (<c>identity.json</c>) and that nobody else uses it now (<c>lock</c>, held while the process
/// lives, so that a kill leaves nothing to clean up).
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const int FormatVersion = 1;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly FileStream held;

    private DataFolder(string folder, Identity identity, FileStream held)
    {
        Folder = folder;
        ClusterId = identity.ClusterId;
        ServerId = identity.ServerId;
        this.held = held;
    }

    /// <summary>Full path.</summary>
    public string Folder { get; }

    /// <summary>The file system the folder is part of, made when the first silo first started.</summary>
    public string ClusterId { get; }

    /// <summary>The chunk server the folder is of.</summary>
    public string ServerId { get; }

    /// <summary>The EditLog's database.</summary>
    public string EditLogFile => Path.Combine(Folder, "editlog.db");

    /// <summary>The database of Orleans' grain storage.</summary>
    public string ClusterFile => Path.Combine(Folder, "cluster.db");

    /// <summary>
    /// Opens the folder for the silo named <paramref name="name"/> (null: whoever it belongs to) of the cluster <paramref name="clusterId"/>
    /// (null: its own), making it when it is not there.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.ForeignFolder"/>: it belongs to another, or another process uses it. <see cref="GofsError.DiskFailed"/>: it can't be used.
    /// </exception>
    public static DataFolder Open(string path, string? name, string? clusterId = null)
    {
        var folder = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(folder);
            var held = Lock(folder);
            try
            {
                return new(folder, ReadOrMake(folder, name, clusterId), held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or (IOException and not GofsException))
        {
            throw new GofsException(GofsError.DiskFailed, $"the data folder can't be used: {refused.Message}", folder, refused);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => held.Dispose();

    private static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new GofsException(GofsError.ForeignFolder, "another silo is using this data folder", folder, taken);
        }
    }

    private static Identity ReadOrMake(string folder, string? name, string? clusterId)
    {
        var file = Path.Combine(folder, "identity.json");
        if (!File.Exists(file)) return Make(folder, file, name ?? "silo-1", clusterId);
        Identity? identity;
        try
        {
            identity = JsonSerializer.Deserialize<Identity>(File.ReadAllBytes(file), Json);
        }
        catch (JsonException broken)
        {
            throw new GofsException(GofsError.ForeignFolder, $"the identity file is not readable: {broken.Message}", file, broken);
        }

        if (identity is not { FormatVersion: FormatVersion, ClusterId.Length: > 0, ServerId.Length: > 0 })
            throw new GofsException(GofsError.ForeignFolder, $"the identity file is not of format {FormatVersion}", file);
        if (name is not null && name != identity.ServerId)
            throw new GofsException(GofsError.ForeignFolder, $"the data folder belongs to silo '{identity.ServerId}', not to '{name}'", folder);
        if (clusterId is not null && clusterId != identity.ClusterId)
            throw new GofsException(GofsError.ForeignFolder, "the data folder belongs to another file system than the database", folder);
        return identity;
    }

    private static Identity Make(string folder, string file, string name, string? clusterId)
    {
        if (File.Exists(Path.Combine(folder, "editlog.db")))
            throw new GofsException(GofsError.ForeignFolder, "the data folder has an EditLog but no identity file", folder);
        var identity = new Identity(FormatVersion, clusterId ?? Guid.NewGuid().ToString("N"), name);
        var fresh = file + ".new";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, identity, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file);
        return identity;
    }

    private sealed record Identity(int FormatVersion, string ClusterId, string ServerId);
}
