namespace Gofs.Web.Browse;

/// <summary>A file of the browser's machine that somebody wants uploaded.</summary>
/// <param name="Id">Names it in the browser.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Size">Its length in bytes.</param>
public sealed record OfferedFile(string Id, string Name, long Size);

/// <summary>An upload under way, or one that failed.</summary>
/// <param name="id">Names it in the browser.</param>
/// <param name="space">The namespace it goes to.</param>
/// <param name="path">Where it goes.</param>
/// <param name="lengthBytes">How long the file is.</param>
public sealed class Upload(string id, string space, GofsPath path, long lengthBytes)
{
    /// <summary>Names it in the browser.</summary>
    public string Id => id;

    /// <summary>The namespace it goes to.</summary>
    public string Space => space;

    /// <summary>Where it goes.</summary>
    public GofsPath Path => path;

    /// <summary>How long the file is.</summary>
    public long LengthBytes => lengthBytes;

    /// <summary>How much has left the browser.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Why it failed, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>So much has left.</summary>
    public void Progress(long sentBytes) => SentBytes = Math.Clamp(sentBytes, 0, LengthBytes);

    /// <summary>It has ended, well (null) or not.</summary>
    public void End(string? failure) => Failure = failure;
}
