namespace Gofs.Ctl.Targets;

/// <summary>What find's --size wants: <c>N</c> exactly, <c>+N</c> more, <c>-N</c> less; bytes, or with K, M, G, T.</summary>
internal readonly record struct SizeTest(char Relation, long Bytes)
{
    /// <summary>Parses it.</summary>
    /// <exception cref="UsageException">It is no size.</exception>
    public static SizeTest Parse(string text) => text.Length > 0 && text[0] is '+' or '-'
        ? new(text[0], Texts.ParseSize(text[1..]))
        : new('=', Texts.ParseSize(text));

    /// <summary>Whether a length is as it wants.</summary>
    public bool Holds(long lengthBytes) => Relation switch { '+' => lengthBytes > Bytes, '-' => lengthBytes < Bytes, _ => lengthBytes == Bytes };
}
