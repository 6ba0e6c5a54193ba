using Gofs.Chunks;

namespace Gofs.Internal;

/// <summary>What a call is about, for the message of its failure: turned into text only when it fails.</summary>
internal readonly struct Subject
{
    private readonly GofsPath? path;
    private readonly ChunkHandle handle;
    private readonly string? text;

    private Subject(GofsPath? path, ChunkHandle handle, string? text)
    {
        this.path = path;
        this.handle = handle;
        this.text = text;
    }

    public static implicit operator Subject(GofsPath path) => new(path, default, null);

    public static implicit operator Subject(ChunkHandle handle) => new(null, handle, null);

    public static implicit operator Subject(string text) => new(null, default, text);

    public override string ToString() =>
        text ?? path?.ToString() ?? (handle == ChunkHandle.None ? "" : handle.ToString());
}
