using Gofs.Ctl.Local;
using Gofs.Ctl.Targets;
using Gofs.Namespaces;

namespace Gofs.Ctl.Shell;

/// <summary>Local paths to complete with.</summary>
internal static class LocalNames
{
    /// <summary>The paths that begin with a word; directories end with '/'.</summary>
    public static IReadOnlyList<string> StartingWith(string word)
    {
        var slash = word.LastIndexOf('/');
        var (head, tail) = (word[..(slash + 1)], word[(slash + 1)..]);
        var directory = LocalPath.Parse(head.Length == 0 ? "." : head);
        List<string> found = [];
        try
        {
            foreach (var bytes in LocalTree.Names(directory))
            {
                var name = PathText.Decode(bytes);
                if (!name.StartsWith(tail, StringComparison.Ordinal) || tail.Length == 0 && name[0] == '.') continue;
                var isDirectory = LocalTree.Find(directory.Append(bytes), follow: true)?.Type == EntryType.Directory;
                found.Add($"{head}{name}{(isDirectory ? "/" : "")}");
            }
        }
        catch (LocalFileException)
        {
            // Nothing to offer there; the command will say why.
        }

        found.Sort(StringComparer.Ordinal);
        return found;
    }
}
