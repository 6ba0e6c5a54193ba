using System.Globalization;
using Gofs.Cluster;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// The death of a silo ends grains on other silos too, those whose directory entry it had. The state of a standby is not among what ends: it
/// would be read anew, for seconds, just when a master may need it.
/// </summary>
public sealed class StandbyStaysTests(ITestOutputHelper output)
{
    private const int Namespaces = 12; // how many of their standbys had their entry on the silo that dies is chance; every other run it is one or more
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    [Fact(Timeout = 300_000)]
    public async Task SiloDies_StandbysOfLivingMastersOnOtherSilos_KeepTheirStates()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(3);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = Limit }, cancellation);
        while ((await client.ListChunkServersAsync(cancellation)).Count(server => server.Live) < cluster.Silos) await Task.Delay(100, cancellation);
        string[] names = [.. Enumerable.Range(0, Namespaces).Select(i => string.Create(CultureInfo.InvariantCulture, $"stays-{i}"))];
        foreach (var name in names) await client.CreateNamespaceAsync(name, cancellation: cancellation);
        var all = await Task.WhenAll(names.Select(name => PlaceAsync(client, name, cancellation)));

        // The one that the most have nothing on.
        var victim = Enumerable.Range(1, cluster.Silos).MaxBy(silo => all.Count(one => one.Master != silo && one.Standby != silo));
        var watched = all.Where(one => one.Master != victim && one.Standby != victim).ToArray();
        output.WriteLine($"silo {victim} dies; {watched.Length} namespaces have master and standby elsewhere");
        Assert.NotEmpty(watched);
        await cluster.RunAsync("kill", victim);
        var started = TimeProvider.System.GetTimestamp();
        var looks = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < Watch; looks++)
        {
            foreach (var (name, master, standby) in watched)
            {
                // A master that had its entry there may have moved to its standby, which is none any more then.
                if (await WarmNumberAsync(client, name, standby, cancellation) >= 0) continue;
                var now = Masters.Number((await client.Namespace(name).GetStatusAsync(cancellation)).Silo);
                Assert.True(now != master, $"the standby of {name} on silo {standby} has lost its state");
            }

            await Task.Delay(Between, cancellation);
        }

        output.WriteLine($"looked {looks} times");
    }

    /// <summary>Where the master and its warm standby are.</summary>
    private static async Task<(string Name, int Master, int Standby)> PlaceAsync(GofsClient client, string name, CancellationToken cancellation)
    {
        var master = await Masters.WarmAsync(client.Namespace(name), Limit, cancellation);
        return (name, master, Masters.Number((await client.Namespace(name).GetStatusAsync(cancellation)).Standbys[0].Silo));
    }

    private static async Task<long> WarmNumberAsync(GofsClient client, string name, int silo, CancellationToken cancellation)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return (await client.Grains.GetGrain<IMetaServerGrain>(Masters.Text(silo)).GetStandingAsync(name, cancellation)).WarmNumber;
            }
            catch (Exception moving) when (tries < 10 && moving is Orleans.Runtime.OrleansException or TimeoutException or GofsException)
            {
                await Task.Delay(Between, cancellation);
            }
        }
    }
}
