namespace Gofs.Tests.EndToEnd;

/// <summary>What one worker of the crash test knows must be there: its own directory's files and directories.</summary>
internal sealed record CrashModel(SortedDictionary<string, CrashNode> Nodes)
{
    public static CrashModel Empty => new(new SortedDictionary<string, CrashNode>(StringComparer.Ordinal));

    public CrashModel With(string name, CrashNode node)
    {
        var copy = Copy();
        copy.Nodes[name] = node;
        return copy;
    }

    public CrashModel Without(string name)
    {
        var copy = Copy();
        copy.Nodes.Remove(name);
        return copy;
    }

    public CrashModel Moved(string from, string to)
    {
        var copy = Copy();
        copy.Nodes.Remove(from, out var node);
        copy.Nodes[to] = node!;
        return copy;
    }

    /// <summary>Why what is there is not what must be there; null when it is.</summary>
    public string? DifferenceTo(CrashModel found)
    {
        foreach (var name in Nodes.Keys.Union(found.Nodes.Keys))
        {
            var wanted = Nodes.GetValueOrDefault(name);
            var got = found.Nodes.GetValueOrDefault(name);
            if (wanted is null) return $"{name} is there and should not be";
            if (got is null) return $"{name} is not there";
            if (wanted.DifferenceTo(got) is { } difference) return $"{name}: {difference}";
        }

        return null;
    }

    private CrashModel Copy() => new(new SortedDictionary<string, CrashNode>(Nodes, StringComparer.Ordinal));
}

/// <summary>A directory (no content) or a file; of a file that was being appended to, the bytes from <paramref name="Sure"/> on may be missing.</summary>
internal sealed record CrashNode(byte[]? Content, int Mode, int Sure)
{
    /// <summary>How many replicas are wanted; 0: not said.</summary>
    public int Goal { get; init; }

    /// <summary>Of a file that was being overwritten: what was there before, each byte of which may be there still.</summary>
    public byte[]? Before { get; init; }

    public static CrashNode Directory(int mode) => new(null, mode, 0);

    public static CrashNode File(byte[] content, int mode) => new(content, mode, content.Length);

    public string? DifferenceTo(CrashNode found)
    {
        if (Mode != found.Mode) return $"mode {found.Mode} instead of {Mode}";
        if (Goal > 0 && found.Goal > 0 && Goal != found.Goal) return $"goal {found.Goal} instead of {Goal}";
        if (Content is null || found.Content is null)
            return (Content is null) == (found.Content is null) ? null : "a file where a directory should be, or the other way round";
        if (found.Content.Length < Sure || found.Content.Length > Content.Length)
            return $"{found.Content.Length} bytes instead of {Sure} to {Content.Length}";
        var at = found.Content.AsSpan().CommonPrefixLength(Content);
        if (Before is { } before)
        {
            while (at < found.Content.Length && (found.Content[at] == Content[at] || (at < before.Length && found.Content[at] == before[at]))) at++;
        }

        return at == found.Content.Length ? null : $"byte {at} of {found.Content.Length} differs";
    }
}
