using Gofs.Namespaces;
using Gofs.Tests.Cluster;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Histories;

/// <summary>
/// Clients of three silos note what they ask and what they are answered while silos are killed, stopped and cut off and PostgreSQL is restarted. Some go
/// through any gateway, some through one silo's only, whatever the others think of it. Then their histories are judged: what was asked about names, also
/// again under the same op-id, and the lengths of flushed files by <see cref="Linearizability"/>; appended records as a set. GOFS_TEST_ROUNDS (3; 18 with
/// GOFS_TEST_LONG) says how many strikes, GOFS_TEST_SEED which.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const string Space = "history";
    private const int Anywhere = 3;
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    [Fact(Timeout = 3_600_000)]
    public async Task WhatClientsSee_WhileSilosDie_HasAnOrder()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var rounds = TestSetting.Number("GOFS_TEST_ROUNDS", Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is null ? 3 : 18);
        var seed = TestSetting.Number("GOFS_TEST_SEED", 20261129);
        var canCut = await NetworkNamespaces.AreThereAsync();
        await using var cluster = await ClusterProcess.StartAsync(3, canCut ? ["--netns"] : []);
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = TimeSpan.FromSeconds(30) }, cancellation);
        var config = NamespaceConfig.Default with { Goal = 3, ChunkSizeBytes = 1 << 20, LeaseTime = TimeSpan.FromSeconds(5) };
        await client.CreateNamespaceAsync(Space, config, cancellation);
        await using var single = await SingleGatewayClients.ConnectAsync(cluster, cancellation);
        using var load = new HistoryLoad([.. Enumerable.Repeat(client, Anywhere), .. single.All], client.Namespace(Space), "all", seed);
        await load.StartAsync(cancellation);
        var random = new Random(seed);
        var striker = new Striker(cluster, client, client.Namespace(Space), random, canCut);
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(Calm, cancellation);
            var strike = round < 3 ? (Strike)round : Striker.Any(random);
            output.WriteLine($"round {round}: {await striker.StrikeAsync(strike, cancellation)}");
            load.CheckGoesOn($"round {round}, {strike}");
        }

        await Task.Delay(Calm, cancellation);
        output.WriteLine($"seed {seed}: {await load.EndAsync()}");
    }
}
