using System.Text.Json;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Output;

/// <summary>
/// Names and paths in JSON. Where one is not UTF-8, the text has U+FFFD for such bytes and a second member, named with
/// <c>Base64</c> at the end, has the bytes.
/// </summary>
internal static class EntryJson
{
    /// <summary>An entry's members.</summary>
    public static void Write(Utf8JsonWriter json, Entry entry, Target at)
    {
        json.WriteString("namespace", at.Namespace);
        WriteBytes(json, "path", at.Path.Bytes);
        json.WriteString("type", entry.Type switch { EntryType.Directory => "directory", EntryType.Symlink => "symlink", _ => "file" });
        json.WriteNumber("inode", entry.Inode.Value);
        json.WriteString("mode", Convert.ToString(entry.Mode, 8));
        json.WriteNumber("owner", entry.Owner);
        json.WriteNumber("group", entry.Group);
        json.WriteNumber("lengthBytes", entry.LengthBytes);
        json.WriteNumber("modifiedAt", entry.ModifiedAt);
        json.WriteNumber("links", entry.Links);
        if (entry.Goal > 0) json.WriteNumber("goal", entry.Goal);
        if (entry.IsGoalPending) json.WriteBoolean("goalPending", true);
        if (entry.Type == EntryType.Directory) json.WriteNumber("entries", entry.Entries);
        if (entry.SymlinkTarget is { } target) WriteBytes(json, "target", target);
        if (entry.IsOpenForWriting) json.WriteBoolean("open", true);
    }

    /// <summary>Where something is: the members namespace and path.</summary>
    public static void WritePlace(Utf8JsonWriter json, Target at)
    {
        json.WriteString("namespace", at.Namespace);
        WriteBytes(json, "path", at.Path.Bytes);
    }

    /// <summary>Bytes that are text as a rule.</summary>
    public static void WriteBytes(Utf8JsonWriter json, string member, ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            json.WriteString(member, bytes);
            return;
        }

        json.WriteString(member, System.Text.Encoding.UTF8.GetString(bytes));
        json.WriteBase64String(member + "Base64", bytes);
    }
}
