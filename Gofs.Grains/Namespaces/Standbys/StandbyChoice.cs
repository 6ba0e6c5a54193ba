using System.Text;
using Gofs.Transport;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// Which silos a namespace likes best, the same wherever it is asked and little changed when a silo comes or goes (rendezvous hashing): each
/// silo's weight is a hash of both names. Pure.
/// </summary>
internal static class StandbyChoice
{
    /// <summary>The silos, the best liked first.</summary>
    public static IEnumerable<string> Ranked(string namespaceName, IEnumerable<string> silos) =>
        silos.OrderByDescending(silo => Weight(namespaceName, silo)).ThenBy(silo => silo, StringComparer.Ordinal);

    /// <summary>The silos that get a standby besides those that have one; one that was just given up only where there is no other.</summary>
    public static IReadOnlyList<string> More(
        string namespaceName, IReadOnlyCollection<string> present, IReadOnlyCollection<string> have, IReadOnlyCollection<string> givenUp, int wanted) =>
        [.. Ranked(namespaceName, present.Except(have)).OrderBy(silo => givenUp.Contains(silo)).Take(Math.Max(0, wanted - have.Count))];

    private static ulong Weight(string namespaceName, string silo)
    {
        var z = Crc32C.Compute(Encoding.UTF8.GetBytes($"{namespaceName}@{silo}")) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        return z ^ (z >> 31);
    }
}
