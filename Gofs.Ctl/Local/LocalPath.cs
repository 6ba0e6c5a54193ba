using Gofs.Ctl.Targets;

namespace Gofs.Ctl.Local;

/// <summary>A path of this machine as the bytes it is, whatever they are. Relative ones mean what they do for the process.</summary>
internal readonly struct LocalPath
{
    private readonly byte[]? terminated;

    private LocalPath(byte[] terminated) => this.terminated = terminated;

    /// <summary>The bytes, without the NUL.</summary>
    public ReadOnlySpan<byte> Bytes => terminated is null ? "."u8 : terminated.AsSpan(0, terminated.Length - 1);

    /// <summary>The bytes with the NUL the C library wants.</summary>
    public ReadOnlySpan<byte> Terminated => terminated ?? ".\0"u8;

    /// <summary>The last name; of "." or "/" and the like it is empty.</summary>
    public ReadOnlySpan<byte> Name
    {
        get
        {
            var bytes = Bytes.TrimEnd((byte)'/');
            var name = bytes[(bytes.LastIndexOf((byte)'/') + 1)..];
            return name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) ? [] : name;
        }
    }

    /// <summary>A path from text as <see cref="PathText"/> escapes it.</summary>
    public static LocalPath Parse(string text) => FromBytes(PathText.Encode(text));

    /// <summary>A path from its bytes.</summary>
    /// <exception cref="UsageException">Empty, or with a NUL byte.</exception>
    public static LocalPath FromBytes(ReadOnlySpan<byte> path)
    {
        if (path.Length == 0) throw new UsageException("a local path is not empty");
        if (path.Contains((byte)0)) throw new UsageException("a local path has no NUL byte");
        var bytes = new byte[path.Length + 1];
        path.CopyTo(bytes);
        return new(bytes);
    }

    /// <summary>The path of a name in this directory.</summary>
    public LocalPath Append(ReadOnlySpan<byte> name)
    {
        var parent = Bytes;
        var slash = parent[^1] == (byte)'/' ? 0 : 1;
        var bytes = new byte[parent.Length + slash + name.Length + 1];
        parent.CopyTo(bytes);
        if (slash == 1) bytes[parent.Length] = (byte)'/';
        name.CopyTo(bytes.AsSpan(parent.Length + slash));
        return new(bytes);
    }

    /// <summary>For people: bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Bytes);
}
