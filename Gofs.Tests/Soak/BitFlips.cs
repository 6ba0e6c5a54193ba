using Gofs.Tests.Cluster;

namespace Gofs.Tests.Soak;

/// <summary>Bytes of one silo's chunk files change on their own.</summary>
internal static class BitFlips
{
    private const int MostFiles = 20;

    /// <summary>
    /// Flips one bit in each of some files of a silo; answers in how many. Only of chunks that the others have too: what a client left behind that died while
    /// it made a chunk is nobody's, can't be repaired, and stays until it is collected.
    /// </summary>
    public static int Flip(ClusterProcess cluster, int silo, Random random)
    {
        var others = Enumerable.Range(1, cluster.Silos).Where(other => other != silo)
            .Select(other => FilesOf(cluster, other).Select(file => Path.GetFileName(file)).ToHashSet()).ToArray();
        var files = FilesOf(cluster, silo).Where(file => others.All(names => names.Contains(Path.GetFileName(file)))).ToArray();
        random.Shuffle(files);
        return files.Take(MostFiles).Count(file => TryFlip(file, random));
    }

    private static string[] FilesOf(ClusterProcess cluster, int silo) =>
        Directory.GetFiles(cluster.Folder(silo), "*.chunk", SearchOption.AllDirectories);

    private static bool TryFlip(string path, Random random)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length == 0) return false;
            file.Position = random.NextInt64(file.Length);
            var old = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(old ^ (1 << random.Next(8))));
            return true;
        }
        catch (IOException)
        {
            return false; // it was deleted meanwhile
        }
    }
}
