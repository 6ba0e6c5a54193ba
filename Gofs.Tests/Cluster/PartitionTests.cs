using System.Globalization;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>
/// The network parts the master's silo from the other silos and from PostgreSQL, while clients reach both sides: the master that was cut off
/// commits nothing, another serves in bounded time, and when the network is whole again the former ends itself.
/// </summary>
public sealed class PartitionTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ServesAgain = TimeSpan.FromSeconds(30);

    [Fact(Timeout = 600_000)]
    public async Task MasterCutOff_CommitsNothing_AnotherServes_AndItEndsItself_WhenTheNetworkIsWhole()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await NetworkNamespaces.RequireAsync();
        await using var cluster = await ClusterProcess.StartAsync(3, "--netns");
        await using var client = await GofsClient.ConnectAsync(cluster.ClientOptions with { OperationTimeout = Patience }, cancellation);
        var state = new FencedState("parted");
        var files = client.Namespace("parted");
        await state.MakeAsync(client, cluster.Silos, cancellation);
        var master = await Masters.WarmAsync(files, Patience, cancellation);
        var once = new GofsClientOptions { OperationTimeout = TimeSpan.FromSeconds(5), AttemptTimeout = TimeSpan.FromSeconds(5) };
        await using var former = await OneGatewayClient.ConnectAsync(cluster.Gateway(master), once, cancellation);
        await state.WakeAsync(former.Client, cancellation);

        // From before the cut until after it somebody asks the silo for names, in another namespace.
        var loaded = await Masters.NamespaceOnAsync(client, master, cancellation);
        var load = new FencedState(loaded.Name);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var loading = WriteAsync(load, former.Client.Namespace(loaded.Name), stop.Token);
        while (load.Acknowledged < 50) await Task.Delay(10, cancellation);

        await cluster.RunAsync("cut", master);
        var started = TimeProvider.System.GetTimestamp();
        var before = load.Acknowledged;
        await Masters.MovedAsync(files, master, Patience, cancellation);
        await state.MakeOneAsync(files, cancellation);
        var serves = TimeProvider.System.GetElapsedTime(started);
        Assert.True(serves < ServesAgain, $"no master for {serves}");
        await state.ChangeAsync(client, cancellation);
        for (var times = 0; times < 2; times++) await state.AskAsync(former.Client, cancellation);
        await stop.CancelAsync();
        await loading;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"another master served {serves.TotalSeconds:0.00} s after silo {master} was cut off, ")
            + $"which acknowledged {load.Acknowledged - before} of the names it was asked for; asked for others: "
            + $"{state.Answers} answers of the new state, {state.Failures} failures");

        using var end = cluster.EndOf(master, cancellation);
        await cluster.RunAsync("heal", master);
        var rounds = await state.AskUntilEndedAsync(master, former.Client, Patience, end.Token);
        cancellation.ThrowIfCancellationRequested();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"it ended itself after {rounds} rounds of questions"));
        await cluster.StartWhenEndedAsync(master, cancellation);
        await state.MakeOneAsync(files, cancellation);
        await state.CheckAsync(client, cancellation);
        await load.CheckAcknowledgedAsync(loaded, cancellation);
    }

    private static async Task WriteAsync(FencedState state, GofsNamespace files, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested) await state.TryMakeAsync(files, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It was told to end.
        }
    }
}
