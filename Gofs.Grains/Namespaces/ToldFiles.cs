using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// As of which of its records each file told the namespace last. Two grains of one file may tell at the same time, and what the former says arrive after what
/// its successor said: a silo that stood still goes on where it was. Then the namespace would show an older length, and nothing would ever mend that. So an
/// older word is no news. Known as long as this master lives, and of the files that told last. Pure; used by one at a time.
/// </summary>
public sealed class ToldFiles(int most = 65_536)
{
    private readonly Dictionary<long, long> numbers = [];
    private readonly Queue<long> order = new();

    /// <summary>Takes note of a word; answers whether it is not older than the last.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="editLogNumber">The number of the file's last record when it was said; 0: not known, so it counts.</param>
    public bool IsNews(InodeNumber inode, long editLogNumber)
    {
        if (editLogNumber == 0) return true;
        if (numbers.TryGetValue(inode.Value, out var last))
        {
            if (editLogNumber < last) return false;
        }
        else
        {
            order.Enqueue(inode.Value);
            if (order.Count > most) numbers.Remove(order.Dequeue());
        }

        numbers[inode.Value] = editLogNumber;
        return true;
    }
}
