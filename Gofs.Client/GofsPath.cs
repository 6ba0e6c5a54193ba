using System.Text;
using Orleans;

namespace Gofs;

/// <summary>
/// An absolute, normalized path inside one namespace: bytes, because a Unix name is bytes. Begins with '/', has no
/// empty, '.' or '..' components, no NUL, names of at most 255 bytes and at most 4,096 bytes in all. The root is "/".
/// </summary>
[GenerateSerializer, Immutable, Alias("gofs.path")]
public readonly struct GofsPath : IEquatable<GofsPath>
{
    /// <summary>The longest name, in bytes.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>The longest path, in bytes.</summary>
    public const int MaxPathBytes = 4096;

    private static readonly byte[] RootBytes = "/"u8.ToArray();

    [Id(0)] private readonly byte[]? bytes;

    private GofsPath(byte[] bytes) => this.bytes = bytes;

    /// <summary>"/".</summary>
    public static GofsPath Root => new(RootBytes);

    /// <summary>The path's bytes, beginning with '/'.</summary>
    public ReadOnlySpan<byte> Bytes => bytes ?? RootBytes;

    /// <summary>Whether this is "/".</summary>
    public bool IsRoot => Bytes.Length == 1;

    /// <summary>The last name; empty for the root.</summary>
    public ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <summary>The last name as text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string NameText => Encoding.UTF8.GetString(Name);

    /// <summary>The path of the directory it is in; the root's is the root.</summary>
    public GofsPath Parent
    {
        get
        {
            var slash = Bytes.LastIndexOf((byte)'/');
            return slash <= 0 ? Root : new(Bytes[..slash].ToArray());
        }
    }

    /// <summary>Parses UTF-8 text; repeated slashes are folded, '.' dropped and '..' taken back, so a person may type them.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/> or <see cref="GofsError.NameTooLong"/>.</exception>
    public static GofsPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FromBytes(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>As <see cref="Parse"/>, from raw bytes. The span is not kept.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/> or <see cref="GofsError.NameTooLong"/>.</exception>
    public static GofsPath FromBytes(ReadOnlySpan<byte> path)
    {
        if (path.Length == 0 || path[0] != '/') throw Invalid(path, "a path begins with '/'");
        if (path.Contains((byte)0)) throw Invalid(path, "a path has no NUL byte");
        var result = new byte[path.Length];
        var length = 0;
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (name.Length == 0 || name.SequenceEqual("."u8)) continue;
            if (name.SequenceEqual(".."u8))
            {
                length = Math.Max(0, result.AsSpan(0, length).LastIndexOf((byte)'/'));
                continue;
            }

            if (name.Length > MaxNameBytes)
                throw new GofsException(GofsError.NameTooLong, $"a name has at most {MaxNameBytes} bytes, this one {name.Length}", Text(path));
            result[length++] = (byte)'/';
            name.CopyTo(result.AsSpan(length));
            length += name.Length;
        }

        if (length > MaxPathBytes)
            throw new GofsException(GofsError.NameTooLong, $"a path has at most {MaxPathBytes} bytes, this one {length}", Text(path));
        return length == 0 ? Root : new(result.AsSpan(0, length).ToArray());
    }

    /// <summary>The path of <paramref name="name"/> in this directory.</summary>
    /// <exception cref="GofsException">The name is empty, '.', '..', has '/' or NUL, or is too long.</exception>
    public GofsPath Append(ReadOnlySpan<byte> name)
    {
        CheckName(name);
        var parent = IsRoot ? [] : Bytes;
        if (parent.Length + 1 + name.Length > MaxPathBytes)
            throw new GofsException(GofsError.NameTooLong, $"a path has at most {MaxPathBytes} bytes", ToString());
        var result = new byte[parent.Length + 1 + name.Length];
        parent.CopyTo(result);
        result[parent.Length] = (byte)'/';
        name.CopyTo(result.AsSpan(parent.Length + 1));
        return new(result);
    }

    /// <summary>As <see cref="Append(ReadOnlySpan{byte})"/>, from text.</summary>
    public GofsPath Append(string name) => Append(Encoding.UTF8.GetBytes(name));

    /// <summary>Refuses what can't be stored as a name.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/> or <see cref="GofsError.NameTooLong"/>.</exception>
    public static void CheckName(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0) throw Invalid(name, "a name is not empty");
        if (name.Length > MaxNameBytes)
            throw new GofsException(GofsError.NameTooLong, $"a name has at most {MaxNameBytes} bytes, this one {name.Length}", Text(name));
        if (name.ContainsAny((byte)'/', (byte)0)) throw Invalid(name, "a name has no '/' and no NUL byte");
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)) throw Invalid(name, "'.' and '..' are not stored");
    }

    /// <summary>The names on the way from the root, in order, without allocating.</summary>
    public NameEnumerator GetEnumerator() => new(Bytes);

    /// <inheritdoc/>
    public bool Equals(GofsPath other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GofsPath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Whether both are the same path.</summary>
    public static bool operator ==(GofsPath left, GofsPath right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(GofsPath left, GofsPath right) => !left.Equals(right);

    /// <summary>UTF-8 text; bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => Text(Bytes);

    private static string Text(ReadOnlySpan<byte> path) => Encoding.UTF8.GetString(path);

    private static GofsException Invalid(ReadOnlySpan<byte> path, string why) => new(GofsError.InvalidPath, why, Text(path));

    /// <summary>Walks the names of a path.</summary>
    public ref struct NameEnumerator
    {
        private ReadOnlySpan<byte> rest;

        internal NameEnumerator(ReadOnlySpan<byte> path)
        {
            rest = path.Length == 1 ? [] : path;
            Current = default;
        }

        /// <summary>The name just reached.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Goes to the next name.</summary>
        public bool MoveNext()
        {
            if (rest.Length == 0) return false;
            var slash = rest[1..].IndexOf((byte)'/');
            Current = slash < 0 ? rest[1..] : rest[1..(slash + 1)];
            rest = slash < 0 ? [] : rest[(slash + 1)..];
            return true;
        }
    }
}
