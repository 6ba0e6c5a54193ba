using System.Runtime.ExceptionServices;
using Gofs.Chunks;
using Gofs.Internal;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A client that changes and reads a small tree, one call after the other, of one to three requests each. A call whose outcome is unknown is made again with
/// the same op-ids, as the SDK does; now and then it gives up.
/// </summary>
internal sealed class NamespaceClient
{
    private static readonly Ownership Owner = new(0x1ED, 1, 2);
    private readonly SimWorld world;
    private readonly NamespaceHistory history;
    private readonly SimCluster cluster;
    private readonly SimProcess process;
    private readonly INamespaceGrain master;
    private readonly IGrainFactory grains;

    public NamespaceClient(SimCluster cluster, NamespaceHistory history, string name)
    {
        (world, this.cluster, this.history) = (cluster.World, cluster, history);
        process = new(world, name);
        grains = cluster.GrainsForClient(process);
        master = grains.GetGrain<INamespaceGrain>(SimCluster.Namespace);
        Work = new SimLane(process, LaneKind.Turns).Do(RunAsync);
    }

    /// <summary>Its work; ends when <see cref="Stops"/> says so.</summary>
    public Task Work { get; }

    /// <summary>Whether it makes no further calls.</summary>
    public bool Stops { get; set; }

    /// <summary>How many calls were answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Throws what ended it.</summary>
    public void CheckWork()
    {
        if (Work.IsFaulted) ExceptionDispatchInfo.Throw(Work.Exception.InnerException!);
    }

    private async Task RunAsync()
    {
        while (!Stops)
        {
            await Task.Delay(world.UpTo(200), process.Clock);
            switch (world.Random.Next(40))
            {
                case 0: await TryAsync("Snapshot", () => master.SnapshotAsync()); break;
                case 1: await TryAsync("failover", () => master.FailoverAsync()); break;
                case 2 or 3: await AskStandbyAsync(); break;
                default: await AskMasterAsync(); break;
            }
        }
    }

    private async Task AskMasterAsync()
    {
        INamespaceRequest[] requests = [.. Enumerable.Range(0, 1 + world.Random.Next(3)).Select(_ => NextRequest())];
        var watches = Array.ConvertAll(requests, history.Ask);
        foreach (var request in requests) process.Note($"asks {Describe(request)}");
        for (var attempt = 0; attempt < 20 || Stops; attempt++)
        {
            if (await TryAsync("call", () => AskAsync(requests, again: attempt > 0)) is { } answers && !Array.Exists(answers, IsUnknown))
            {
                for (var i = 0; i < answers.Length; i++)
                {
                    process.Note($"is answered {NamespaceWatch.Describe(answers[i])}");
                    history.Answered(watches[i], answers[i]);
                }

                Answered++;
                return;
            }

            await Task.Delay(world.UpTo(500), process.Clock);
        }

        foreach (var watch in watches) history.GivenUp(watch);
        process.Note("gives up");
    }

    private async Task<NamespaceAnswer[]> AskAsync(INamespaceRequest[] requests, bool again)
    {
        if (again) AskedAgain.Mark();
        return await master.AskAsync(requests);
    }

    private async Task AskStandbyAsync()
    {
        var standby = grains.GetGrain<INamespaceStandbyGrain>(StandbyKey.Of(SimCluster.Namespace, world.One(cluster.All).Process.Name));
        var lookup = new Lookup(NextPath(), FollowLast: true);
        if (await TryAsync("standby", () => standby.LookupAsync(lookup.Path, lookup.FollowLast)) is { } answer) history.CheckStale(lookup, answer);
    }

    private async Task<T?> TryAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception unknown) when (unknown is GofsException or TimeoutException or Orleans.Runtime.OrleansException)
        {
            process.Note($"{what} failed: {unknown.Message}");
            return default;
        }
    }

    private static bool IsUnknown(NamespaceAnswer answer) => answer.Refusal is { Error: GofsError.Unavailable or GofsError.Busy };

    private static string Describe(INamespaceRequest request) =>
        request is SetExtendedAttribute set ? $"{nameof(SetExtendedAttribute)} {set.Path} {set.Name}" : request.ToString()!;

    private INamespaceRequest NextRequest() => world.Random.Next(16) switch
    {
        0 or 1 or 2 => new Lookup(NextPath(), FollowLast: world.Chance(500)),
        3 or 4 or 5 => new MakeDirectory(NextOpId(), NextPath(), Owner, Parents: world.Chance(500)),
        6 or 7 or 8 => new PutFile(NextOpId(), NextPath(), Owner, ChunkHandle.None, 0, 0, world.UtcNow, world.Now),
        9 => new MakeSymlink(NextOpId(), NextPath(), [.. NextPath().ToString().Select(one => (byte)one)], Owner, world.Now),
        10 or 11 or 12 => new Rename(NextOpId(), NextPath(), NextPath(), NoReplace: world.Chance(300)),
        13 => new Remove(NextOpId(), NextPath(), Recursive: world.Chance(500), SkipTrash: world.Chance(500)),
        14 => new SetAttributes(NextOpId(), NextPath(), world.Random.Next(512), null, null, null),
        _ => new SetExtendedAttribute(NextOpId(), NextPath(), "user.a", world.Chance(300) ? null : [(byte)world.Random.Next(256)]),
    };

    private GofsPath NextPath() =>
        GofsPath.Parse(string.Concat(Enumerable.Range(0, 1 + world.Random.Next(3)).Select(_ => $"/{(char)('a' + world.Random.Next(3))}")));

    private OpId NextOpId()
    {
        var bytes = new byte[16];
        world.Random.NextBytes(bytes);
        return new(new Guid(bytes));
    }
}
