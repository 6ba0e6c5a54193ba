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

    /// <summary>Parses an argument.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="current">What <c>:name</c> is relative to (the shell's directory), or null.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/>, <see cref="GofsError.NameTooLong"/>.</exception>
    public static Target Parse(string text, Target? current = null)
    {
        if (text.StartsWith(Scheme, StringComparison.Ordinal)) return ParseRemote(text, text.AsSpan(Scheme.Length));
        if (current is { IsRemote: true } && text.StartsWith(':'))
            return ParseRemote(text, $"{current.Namespace}{PathText.Decode(current.Path.Bytes)}/{text.AsSpan(1)}");
        var colon = text.IndexOf(":/", StringComparison.Ordinal);
        if (colon > 0 && IsNamespaceName(text.AsSpan(0, colon)))
            return ParseRemote(text, $"{text.AsSpan(0, colon)}{text.AsSpan(colon + 1)}");
        return new(text, null, GofsPath.Root, text.EndsWith('/'));
    }

    /// <summary>Parses an argument that must be in Gofs.</summary>
    /// <exception cref="UsageException">It is a local path.</exception>
    public static Target ParseRemoteOnly(string text, Target? current = null)
    {
        var target = Parse(text, current);
        return target.IsRemote ? target : throw new UsageException($"'{text}' is not a target; write gofs://NAMESPACE/PATH or NAMESPACE:/PATH");
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

    /// <summary><c>gofs://ns/path</c>.</summary>
    public static string Show(string namespaceName, GofsPath path) => $"{Scheme}{namespaceName}{path}";

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
