using System.Text;

namespace Gofs.Ctl.Targets;

/// <summary>
/// Bytes of a path as a .NET string and back without loss: a byte that is not UTF-8 stands as the lone surrogate
/// U+DC00 + byte, which no valid text has. Arguments travel through the parser in this form.
/// </summary>
internal static class PathText
{
    private const char Escape = '\uDC00';

    /// <summary>The text for bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else
                for (var i = 0; i < consumed; i++) text.Append((char)(Escape + bytes[i]));
            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of text.</summary>
    public static byte[] Encode(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uDC80', '\uDCFF') < 0) return Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(text.Length + 8);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is >= '\uDC80' and <= '\uDCFF')
            {
                bytes.Add((byte)(text[i] - Escape));
                continue;
            }

            _ = Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var consumed);
            bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            i += consumed - 1;
        }

        return [.. bytes];
    }
}
