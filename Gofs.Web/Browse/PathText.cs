using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gofs.Web.Browse;

/// <summary>
/// A path as text that loses nothing, for addresses: UTF-8 stands as it is; a byte that is none, a control character and '%' stand as %XX.
/// </summary>
internal static class PathText
{
    /// <summary>The text of a path.</summary>
    public static string Of(GofsPath path)
    {
        var text = new StringBuilder(path.Bytes.Length);
        var rest = path.Bytes;
        while (rest.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var used);
            if (status == OperationStatus.Done && rune.Value != '%' && !Rune.IsControl(rune)) text.Append(rune.ToString());
            else foreach (var one in rest[..used]) text.Append(CultureInfo.InvariantCulture, $"%{one:X2}");
            rest = rest[used..];
        }

        return text.ToString();
    }

    /// <summary>The path of a text; what a person typed without knowing of %XX is read as well as it can be.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidPath"/> or <see cref="GofsError.NameTooLong"/>.</exception>
    public static GofsPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '%' && i + 2 < bytes.Length
                && byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                bytes[length++] = escaped;
                i += 2;
            }
            else
            {
                bytes[length++] = bytes[i];
            }
        }

        return GofsPath.FromBytes(bytes.AsSpan(0, length));
    }
}
