namespace Gofs.Web.Browse;

/// <summary>What of a file can be shown on its page.</summary>
internal static class Preview
{
    /// <summary>The most of a text that is shown.</summary>
    public const int TextBytes = 32 << 10;

    /// <summary>The largest picture that is shown.</summary>
    public const long PictureBytes = 32L << 20;

    /// <summary>The type of a picture by its name, or null when it is none that browsers show safely.</summary>
    public static string? PictureType(GofsPath path)
    {
        var name = path.NameText;
        return name[(name.LastIndexOf('.') + 1)..].ToLowerInvariant() switch
        {
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "webp" => "image/webp",
            "avif" => "image/avif",
            _ => null,
        };
    }

    /// <summary>The beginning of a file as text, or null when it is none: UTF-8 without control characters.</summary>
    public static string? Text(ReadOnlySpan<byte> beginning)
    {
        // The last character may be cut in two.
        for (var cut = 0; cut < 4 && cut <= beginning.Length; cut++)
        {
            var part = beginning[..^cut];
            if (!System.Text.Unicode.Utf8.IsValid(part)) continue;
            var text = System.Text.Encoding.UTF8.GetString(part);
            return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t' or '\f' or '\x1b')) ? null : text;
        }

        return null;
    }
}
