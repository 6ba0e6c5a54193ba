using System.Globalization;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// A master that was stopped until another took over is continued, and asked at once, over a connection from before: it commits nothing, shows
/// nothing old and gives no lease, until it learns that it was declared dead and ends itself. GOFS_TEST_ROUNDS: how often (1).
/// </summary>
public sealed class FencingTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact(Timeout = 1_800_000)]
    public async Task FormerMaster_Continued_CommitsNothing_ShowsNothingOld_AndGivesNoLease()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await ClusterProcess.StartAsync(3);
        var options = cluster.ClientOptions with { OperationTimeout = Patience };
        await using var client = await GofsClient.ConnectAsync(options, cancellation);
        var rounds = TestSetting.Number("GOFS_TEST_ROUNDS", 1);
        for (var round = 0; round < rounds; round++)
        {
            var state = new FencedState(string.Create(CultureInfo.InvariantCulture, $"fenced-{round}"));
            await RoundAsync(cluster, client, state, client.Namespace(string.Create(CultureInfo.InvariantCulture, $"fenced-{round}")), cancellation);
        }
    }

    private async Task RoundAsync(ClusterProcess cluster, GofsClient client, FencedState state, GofsNamespace files, CancellationToken cancellation)
    {
        await state.MakeAsync(client, cluster.Silos, cancellation);
        var master = await Masters.WarmAsync(files, Patience, cancellation);
        var once = new GofsClientOptions { OperationTimeout = TimeSpan.FromSeconds(10), AttemptTimeout = TimeSpan.FromSeconds(10) };
        await using var former = await OneGatewayClient.ConnectAsync(cluster.Gateway(master), once, cancellation);
        await former.Client.Namespace(files.Name).CreateDirectoryAsync(GofsPath.Parse("/early"), cancellation: cancellation);
        await state.WakeAsync(former.Client, cancellation);

        await cluster.RunAsync("stop", master);
        await Masters.MovedAsync(files, master, Patience, cancellation);
        await state.ChangeAsync(client, cancellation);

        // Some wait at its door when it wakes up, others come while it does.
        using var end = cluster.EndOf(master, cancellation);
        var asked = state.AskAsync(former.Client, end.Token);
        await cluster.RunAsync("cont", master);
        var continued = TimeProvider.System.GetTimestamp();
        var rounds = await state.AskUntilEndedAsync(master, former.Client, Patience, end.Token);
        cancellation.ThrowIfCancellationRequested();
        await asked;
        var ended = TimeProvider.System.GetElapsedTime(continued);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"silo {master} ended itself {ended.TotalSeconds:0.0} s after it was continued; asked {rounds + 1} times: ")
            + $"{state.Answers} answers of the new state, {state.Failures} failures, {state.Acknowledged} names acknowledged");
        await state.MakeOneAsync(files, cancellation);
        await cluster.StartWhenEndedAsync(master, cancellation);
        await state.CheckAsync(client, cancellation);
    }
}
