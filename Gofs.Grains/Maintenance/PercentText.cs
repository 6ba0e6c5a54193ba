using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gofs.Grains.Maintenance;

/// <summary>
/// Any bytes as text and back: what is UTF-8 stands as it is, but control characters, '%' and every byte that is no UTF-8 are "%" and two
/// hexadecimal digits.
/// </summary>
internal static class PercentText
{
    /// <summary>The text for bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> characters = stackalloc char[2];
        while (bytes.Length > 0)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done && !Rune.IsControl(rune) && rune.Value != '%';
            if (isText) text.Append(characters[..rune.EncodeToUtf16(characters)]);
            else foreach (var one in bytes[..consumed]) text.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of text.</summary>
    /// <exception cref="FormatException">A '%' without two hexadecimal digits.</exception>
    public static byte[] Decode(string text)
    {
        var bytes = new ArrayBufferWriter<byte>(text.Length + 1);
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var plain = rest.IndexOf('%');
            if (plain < 0) plain = rest.Length;
            if (plain > 0) Encoding.UTF8.GetBytes(rest[..plain], bytes);
            rest = rest[plain..];
            if (rest.Length == 0) break;
            if (rest.Length < 3) throw new FormatException("a % without two hexadecimal digits");
            bytes.Write(new ReadOnlySpan<byte>([byte.Parse(rest.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)]));
            rest = rest[3..];
        }

        return bytes.WrittenSpan.ToArray();
    }
}
