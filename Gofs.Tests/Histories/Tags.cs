using System.Globalization;

namespace Gofs.Tests.Histories;

/// <summary>What each of a few names leads to; 0: nothing. A value.</summary>
internal sealed class Tags(params long[] tags) : IEquatable<Tags>
{
    public int Count => tags.Length;

    public long this[int name] => tags[name];

    public Tags With(int name, long tag)
    {
        var copy = (long[])tags.Clone();
        copy[name] = tag;
        return new(copy);
    }

    /// <summary>Whether the names from one on are these.</summary>
    public bool HasAt(int first, Tags part)
    {
        for (var name = 0; name < part.Count; name++)
        {
            if (tags[first + name] != part[name]) return false;
        }

        return true;
    }

    public bool Equals(Tags? other) => other is not null && tags.AsSpan().SequenceEqual(other.All);

    public override bool Equals(object? obj) => Equals(obj as Tags);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var tag in tags) hash.Add(tag);
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(' ', tags.Select(tag => tag.ToString(CultureInfo.InvariantCulture)));

    private ReadOnlySpan<long> All => tags;
}
