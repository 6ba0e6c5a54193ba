using System.Net;
using Gofs.Cluster;
using Gofs.Internal;
using Gofs.Namespaces;
using Gofs.Tests.Sdk.Fakes;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Xunit;

namespace Gofs.Tests.Sdk;

public sealed class NearGatewayTests : IAsyncDisposable
{
    private readonly FakeTimeProvider time = new();
    private readonly LiveGateways gateways;
    private readonly ClientContext context;
    private readonly NearGateway near;
    private List<int> portsWhenAsked = [];
    private string master = "silo-2";
    private string[] silos = ["silo-1", "silo-2", "silo-3"];

    public NearGatewayTests()
    {
        var tree = Fake.Of<INamespaceGrain>((method, _) => method == nameof(INamespaceGrain.GetStatusAsync) ? StatusAsync() : Fake.Unexpected(method));
        var membership = Fake.Of<ISilosGrain>((_, _) => Task.FromResult(Array.ConvertAll(silos, Silo)));
        var grains = Fake.OfMethods<IGrainFactory>((method, _) => method.GetGenericArguments()[0] == typeof(INamespaceGrain) ? tree : membership);
        gateways = new([new(IPAddress.Loopback, 1), new(IPAddress.Loopback, 2)], time);
        context = new(grains, new GofsClientOptions(), time, seed: 1);
        gateways.Follow(grains);
        near = new(gateways, context);
        near.WorkIn("demo");
    }

    [Fact]
    public async Task BusyClient_HasTheMastersGatewayAlone_UntilACallWentThere()
    {
        await WorkUntilAsync(() => portsWhenAsked is [.., 2]);
        await WorkUntilAsync(() => Ports().Length == 3);
        master = "silo-3";
        await WorkUntilAsync(() => portsWhenAsked is [.., 3]);
        await WorkUntilAsync(() => Ports().Length == 3);
    }

    [Fact]
    public async Task IdleClient_IsLeftAsItIs()
    {
        while (Ports().Length < 3) await PassAsync();
        for (var quarter = 0; quarter < 20; quarter++)
        {
            Assert.Equal(3, Ports().Length);
            await PassAsync();
        }

        Assert.Empty(portsWhenAsked);
    }

    [Fact]
    public async Task GatewayThatIsGone_IsNotListedAlone()
    {
        while (Ports().Length < 3) await PassAsync();
        using var only = gateways.OnlyFor(gateways.Of("silo-2")!);
        Assert.Equal([2], Ports());
        silos = ["silo-1", "silo-3"];
        while (Ports() is not [1, 3]) await PassAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await near.DisposeAsync();
        await gateways.DisposeAsync();
    }

    private int[] Ports() => [.. gateways.GetGateways().Result.Select(gateway => gateway.Port)];

    // Which gateway alone was listed when the master was asked; 0: more than one.
    private Task<NamespaceStatus> StatusAsync()
    {
        portsWhenAsked = [.. portsWhenAsked, Ports() is [var one] ? one : 0];
        return Task.FromResult(new NamespaceStatus("demo", 1, NamespaceConfig.Default, 1, 0, 0, 0, master, 1, 1, 0, default, default));
    }

    private static SiloInfo Silo(string name) => new(name, "", $"127.0.0.1:{name[^1]}", SiloRoles.Meta, "Active");

    private async Task WorkUntilAsync(Func<bool> met)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!met())
        {
            limit.Token.ThrowIfCancellationRequested();
            for (var i = 0; i < 300; i++) await context.Retry.RunAsync("", 0, static (_, _) => Task.CompletedTask, limit.Token);
            await PassAsync();
        }
    }

    private async Task PassAsync()
    {
        time.Advance(TimeSpan.FromMilliseconds(250));
        await Task.Delay(2, CancellationToken.None); // what waited for the time runs on another thread
    }
}
