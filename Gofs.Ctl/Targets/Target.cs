using Gofs.Ctl.Local;

namespace Gofs.Ctl.Targets;

/// <summary>
/// What a person names on the command line: <c>gofs://ns/path</c> or <c>ns:/path</c> in Gofs, "-" for standard input or
/// output, anything else a local path. A local name that looks like a target is written <c>./ns:/path</c>.
/// </summary>
/// <param name="Text">As it was written.</param>
/// <param name="Namespace">The namespace, or null for a local path.</param>
/// <param name="Path">The path in the namespace.</param>
/// <param name="EndsWithSlash">Whether a directory was asked for.</param>
internal sealed record Target(string Text, string? Namespace, GofsPath Path, bool EndsWithSlash)
{
    private const string Scheme = "gofs://";

    /// <summary>Whether it is in Gofs.</summary>
    public bool IsRemote => Namespace is not null;

    /// <summary>Whether it is "-".</summary>
    public bool IsStandardStream => Text == "-";

    /// <summary>The local path it is.</summary>
    public LocalPath Local => LocalPath.Parse(Text);

    /// <summary>The shell's directory as long as it has none.</summary>
    public static Target Nowhere { get; } = new("", null, GofsPath.Root, false);

    /// <summary>A local path, whatever it looks like.</summary>
    public static Target OfLocal(string text) => new(text, null, GofsPath.Root, text.EndsWith('/'));

    /// <summary>The root of a namespace.</summary>
    public static Target OfNamespace(string name) => new(Show(name, GofsPath.Root), name, GofsPath.Root, true);

    /// <summary>Parses an argument that may be either.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/>, <see cref="GofsError.NameTooLong"/>.</exception>
    public static Target Parse(string text) => TryParseRemote(text) ?? OfLocal(text);

    /// <summary>Parses an argument that must be in Gofs.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="here">In the shell, what a target without a namespace is relative to; else null.</param>
    /// <exception cref="UsageException">It has no namespace and <paramref name="here"/> has none.</exception>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/>, <see cref="GofsError.NameTooLong"/>.</exception>
    public static Target ParseRemoteOnly(string text, Target? here = null)
    {
        if (TryParseRemote(text) is { } target) return target;
        if (text.Length > 1 && text[^1] == ':' && IsNamespaceName(text.AsSpan(0, text.Length - 1))) return OfNamespace(text[..^1]);
        if (here is null) throw new UsageException($"'{text}' is not a target; write gofs://NAMESPACE/PATH or NAMESPACE:/PATH");
        if (here.Namespace is null) throw new UsageException($"'{text}': there is no current directory yet; cd NAMESPACE:/ first");
        if (text.Length == 0) throw new UsageException("a target is not empty");
        return text[0] == '/' ? ParseRemote(text, here.Namespace + text) : ParseRemote(text, $"{here.Namespace}{PathText.Decode(here.Path.Bytes)}/{text}");
    }

    /// <summary>The target of another path in the same namespace.</summary>
    public Target At(GofsPath path) => this with { Path = path, Text = Show(Namespace!, path), EndsWithSlash = false };

    /// <summary>For people.</summary>
    public override string ToString() => IsRemote ? Show(Namespace!, Path) : Text;

    /// <summary>A namespace's name as <see cref="Cluster.NamespaceInfo"/> defines it.</summary>
    public static bool IsNamespaceName(ReadOnlySpan<char> name)
    {
        if (name.Length is < 1 or > 63 || !char.IsAsciiLetterLower(name[0]) && !char.IsAsciiDigit(name[0])) return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_')) return false;
        return true;
    }

    /// <summary><c>gofs://ns/path</c>, in <see cref="PathText"/> form.</summary>
    public static string Show(string namespaceName, GofsPath path) => $"{Scheme}{namespaceName}{PathText.Decode(path.Bytes)}";

    private static Target? TryParseRemote(string text)
    {
        if (text.StartsWith(Scheme, StringComparison.Ordinal)) return ParseRemote(text, text.AsSpan(Scheme.Length));
        var colon = text.IndexOf(":/", StringComparison.Ordinal);
        return colon > 0 && IsNamespaceName(text.AsSpan(0, colon)) ? ParseRemote(text, $"{text.AsSpan(0, colon)}{text.AsSpan(colon + 1)}") : null;
    }

    private static Target ParseRemote(string text, ReadOnlySpan<char> rest)
    {
        var slash = rest.IndexOf('/');
        var name = slash < 0 ? rest : rest[..slash];
        if (!IsNamespaceName(name))
            throw new GofsException(GofsError.InvalidPath, "a target names a namespace: gofs://NAMESPACE/PATH", text);
        var path = slash < 0 ? GofsPath.Root : GofsPath.FromBytes(PathText.Encode(rest[slash..].ToString()));
        return new(text, name.ToString(), path, rest.EndsWith("/"));
    }
}
