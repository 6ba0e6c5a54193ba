using System.Security.Cryptography;

namespace Gofs.Internal;

/// <summary>
/// 128 random bits at a time, from the system's generator. What: each thread draws enough for <see cref="Drawn"/> at once. Why: asking the system is a
/// call of the kernel, which cost a busy client a tenth of its time when it did so for each op-id.
/// </summary>
internal static class RandomBits
{
    /// <summary>How many are drawn at once.</summary>
    internal const int Drawn = 64;

    private const int Size = 16;

    [ThreadStatic]
    private static byte[]? bits;

    [ThreadStatic]
    private static int left;

    /// <summary>Bits that nobody was given before.</summary>
    public static Guid Next()
    {
        var mine = bits ??= new byte[Drawn * Size];
        if (left == 0)
        {
            RandomNumberGenerator.Fill(mine);
            left = Drawn;
        }

        var next = mine.AsSpan(--left * Size, Size);
        var drawn = new Guid(next);
        next.Clear();
        return drawn;
    }
}
