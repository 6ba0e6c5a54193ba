using Gofs.ChunkServers;
using Gofs.Cluster;
using Gofs.Grains.ChunkServers;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Cluster;

/// <summary>What the cluster remembers for good: the namespaces there are and were.</summary>
[GenerateSerializer, Alias("gofs.cluster.state")]
public sealed partial class ClusterState
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

    /// <summary>Namespaces that are being loaded from dumps, or whose load was cut off: on no list yet.</summary>
    [Id(4)] public List<NamespaceInfo> Loading { get; set; } = [];

    /// <summary>Every chunk server ever heard and not removed, with what operators said of it.</summary>
    [Id(5)] public List<KnownChunkServer> ChunkServers { get; set; } = [];

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
        if (Loading.Exists(one => one.Name == name))
            throw new GofsException(GofsError.NamespaceExists, "a namespace of this name is being loaded, or its load was cut off: load it again or remove it", name);
        if (LastNumber == MaxNumber) throw new GofsException(GofsError.InvalidArgument, $"all {MaxNumber} namespace numbers are used up");
        var info = new NamespaceInfo(name, ++LastNumber, config, now);
        Namespaces.Add(info);
        Namespaces.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return info;
    }

    /// <summary>The namespace that is to be removed; null: it was removed already, and another may have its name.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.NamespaceNotFound"/>.</exception>
    public NamespaceInfo? FindToRemove(string name, int number) =>
        Find(name) is { } there && there.Number == number ? there
        : RemovedNumbers.Contains(number) ? null
        : throw new GofsException(GofsError.NamespaceNotFound, "no such namespace", name);

    /// <summary>Takes a namespace off.</summary>
    public void Remove(NamespaceInfo info)
    {
        Namespaces.Remove(info);
        RemovedNumbers.Add(info.Number);
        StreamsToDelete.Add(info.Number);
    }

    /// <summary>
    /// A namespace is going to be loaded from a dump, anew when it was before: keeps its name and number. Nobody finds it yet. A
    /// <paramref name="number"/> of 0 asks for a new one; another must never have been a namespace's here, because chunk servers delete the
    /// chunks of one that was removed.
    /// </summary>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>, <see cref="GofsError.NamespaceExists"/>, <see cref="GofsError.NotPermitted"/>: the number.
    /// </exception>
    public NamespaceInfo BeginLoad(string name, int number, NamespaceConfig config, DateTimeOffset now)
    {
        CheckName(name);
        config.Validate();
        if (Find(name) is not null) throw new GofsException(GofsError.NamespaceExists, "the namespace is there already", name);
        if (number is < 0 or > MaxNumber) throw new GofsException(GofsError.InvalidArgument, $"a namespace's number is 1 to {MaxNumber}, not {number}");
        if (number != 0 && (Namespaces.Exists(one => one.Number == number) || RemovedNumbers.Contains(number)
            || Loading.Exists(one => one.Number == number && one.Name != name)))
            throw new GofsException(GofsError.NotPermitted,
                $"number {number} is or was another namespace's in this cluster, so the files can't have their chunks; their names alone can be loaded", name);
        if (number == 0 && LastNumber == MaxNumber) throw new GofsException(GofsError.InvalidArgument, $"all {MaxNumber} namespace numbers are used up");
        EndLoad(name, done: false);
        if (number == 0) number = LastNumber + 1;
        LastNumber = Math.Max(LastNumber, number);
        StreamsToDelete.Remove(number); // whoever loads begins with that
        var info = new NamespaceInfo(name, number, config, now);
        Loading.Add(info);
        return info;
    }

    /// <summary>A load is done, and the namespace there, or given up, and its streams go. False when there is none of this name.</summary>
    public bool EndLoad(string name, bool done)
    {
        if (Loading.Find(one => one.Name == name) is not { } info) return false;
        Loading.Remove(info);
        if (done)
        {
            Namespaces.Add(info);
            Namespaces.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        }
        else
        {
            StreamsToDelete.Add(info.Number);
        }

        return true;
    }

    /// <summary>Remembers a chunk server, in the place of what was remembered of it.</summary>
    public void Remember(KnownChunkServer server)
    {
        ChunkServers.RemoveAll(one => one.Server == server.Server);
        ChunkServers.Add(server);
    }

    /// <summary>Marks a chunk server, or takes its mark away.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: there is no such server, or the mark makes no sense.</exception>
    public void Mark(ServerId server, ServerMark mark, DateTimeOffset? until, DateTimeOffset now)
    {
        if (!Enum.IsDefined(mark)) throw new GofsException(GofsError.InvalidArgument, $"there is no mark {mark}");
        if (mark == ServerMark.Maintenance && !(until > now)) throw new GofsException(GofsError.InvalidArgument, "maintenance ends at a time to come");
        Remember(Known(server) with { Mark = mark, MarkedUntil = mark == ServerMark.Maintenance ? until : null });
    }

    /// <summary>Checks that a chunk server is gone, so that it may be forgotten.</summary>
    /// <param name="server">Which.</param>
    /// <param name="standing">How it stands.</param>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>, <see cref="GofsError.NotPermitted"/>.</exception>
    public void CheckForget(ServerId server, ServerStanding standing)
    {
        var known = Known(server);
        var isGone = standing == ServerStanding.Dead || (standing == ServerStanding.Suspect && known.Mark == ServerMark.Drain);
        if (!isGone) throw new GofsException(GofsError.NotPermitted, "only a chunk server that is dead, or drained and stopped, is removed", server.Value);
    }

    /// <summary>Forgets a chunk server.</summary>
    /// <exception cref="GofsException">As <see cref="CheckForget"/>.</exception>
    public void Forget(ServerId server, ServerStanding standing)
    {
        CheckForget(server, standing);
        ChunkServers.Remove(Known(server));
    }

    private KnownChunkServer Known(ServerId server) => ChunkServers.Find(one => one.Server == server)
        ?? throw new GofsException(GofsError.InvalidArgument, "the cluster knows no such chunk server", server.Value);

    private static void CheckName(string name)
    {
        if (name.Length is < 1 or > 63 || !char.IsAsciiLetterLower(name[0]) && !char.IsAsciiDigit(name[0])
            || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_')))
            throw new GofsException(
                GofsError.InvalidArgument, "a namespace's name has 1 to 63 of a-z, 0-9, '-' and '_', beginning with a letter or digit", name);
    }
}
