using Gofs.Cluster;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Cluster;

/// <summary>What the cluster remembers for good: the namespaces there are and were.</summary>
[GenerateSerializer, Alias("gofs.cluster.state")]
public sealed class ClusterState
{
    /// <summary>The most namespaces there may be, over all time: their numbers have 16 bits.</summary>
    public const int MaxNumber = 0xFFFF;

    /// <summary>The namespaces.</summary>
    [Id(0)] public List<NamespaceInfo> Namespaces { get; set; } = [];

    /// <summary>The last number given out; none is given out twice.</summary>
    [Id(1)] public int LastNumber { get; set; }

    /// <summary>Numbers of namespaces that were removed.</summary>
    [Id(2)] public List<int> RemovedNumbers { get; set; } = [];

    /// <summary>Of those, the ones whose streams are still to be deleted from the store.</summary>
    [Id(3)] public List<int> StreamsToDelete { get; set; } = [];

    /// <summary>A namespace by name, or null.</summary>
    public NamespaceInfo? Find(string name) => Namespaces.Find(one => one.Name == name);

    /// <summary>Adds a namespace.</summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: bad name or settings, or no number left. <see cref="GofsError.NamespaceExists"/>.
    /// </exception>
    public NamespaceInfo Add(string name, NamespaceConfig config, DateTimeOffset now)
    {
        CheckName(name);
        config.Validate();
        if (Find(name) is not null) throw new GofsException(GofsError.NamespaceExists, "the namespace is there already", name);
        if (LastNumber == MaxNumber) throw new GofsException(GofsError.InvalidArgument, $"all {MaxNumber} namespace numbers are used up");
        var info = new NamespaceInfo(name, ++LastNumber, config, now);
        Namespaces.Add(info);
        Namespaces.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return info;
    }

    /// <summary>Takes a namespace off.</summary>
    public void Remove(NamespaceInfo info)
    {
        Namespaces.Remove(info);
        RemovedNumbers.Add(info.Number);
        StreamsToDelete.Add(info.Number);
    }

    private static void CheckName(string name)
    {
        if (name.Length is < 1 or > 63 || !char.IsAsciiLetterLower(name[0]) && !char.IsAsciiDigit(name[0])
            || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_')))
            throw new GofsException(
                GofsError.InvalidArgument, "a namespace's name has 1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or digit", name);
    }
}
