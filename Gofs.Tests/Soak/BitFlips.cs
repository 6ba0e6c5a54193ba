using Gofs.Tests.Cluster;

namespace Gofs.Tests.Soak;

/// <summary>Bytes of one silo's replicas change on their own.</summary>
internal static class BitFlips
{
    private const int MostReplicas = 20;

    /// <summary>
    /// Flips one bit in each of some replicas of a silo; answers in how many. Only of chunks that the others have too: what a client left behind that died
    /// while it made a chunk is nobody's, can't be repaired, and stays until it is collected.
    /// </summary>
    public static int Flip(ClusterProcess cluster, int silo, Random random)
    {
        var others = Enumerable.Range(1, cluster.Silos).Where(other => other != silo)
            .Select(other => DiskReplica.Below(cluster.Folder(other)).Select(replica => replica.Handle).ToHashSet()).ToArray();
        var replicas = DiskReplica.Below(cluster.Folder(silo)).Where(replica => others.All(has => has.Contains(replica.Handle))).ToArray();
        random.Shuffle(replicas);
        return replicas.Take(MostReplicas).Count(replica => TryFlip(replica, random));
    }

    private static bool TryFlip(DiskReplica replica, Random random)
    {
        try
        {
            if (replica.Parts.Sum(part => part.Bytes) == 0) return false;
            replica.Flip(random);
            return true;
        }
        catch (IOException)
        {
            return false; // it was deleted meanwhile
        }
    }
}
