using System.Net;
using System.Net.Sockets;
using Gofs.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>A silo whose connection ends is declared dead only where its port says that nobody is there.</summary>
public sealed class SiloDeathWatchTests : IDisposable
{
    private readonly TcpListener living = new(IPAddress.Loopback, 0);
    private readonly List<SiloAddress> declared = [];
    private readonly SiloAddress alive;
    private readonly SiloAddress dead;

    public SiloDeathWatchTests()
    {
        living.Start();
        alive = SiloAddress.New((IPEndPoint)living.LocalEndpoint, 1);
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        dead = SiloAddress.New((IPEndPoint)closed.LocalEndPoint!, 1);
    }

    [Fact]
    public async Task OwnConnectionEnded_PortRefuses_SiloIsDeclaredDead()
    {
        await Watch(alive, dead).OutboundEnded(dead.Endpoint);
        Assert.Equal([dead], declared);
    }

    [Fact]
    public async Task OwnConnectionEnded_SiloStillListens_NobodyIsDeclaredDead()
    {
        await Watch(alive, dead).OutboundEnded(alive.Endpoint);
        Assert.Empty(declared);
    }

    [Fact]
    public async Task PortAnswersOnceMore_ThenRefuses_SiloIsDeclaredDead()
    {
        using var ending = new TcpListener(IPAddress.Loopback, 0);
        ending.Start();
        var silo = SiloAddress.New((IPEndPoint)ending.LocalEndpoint, 1);
        var question = Watch(silo).OutboundEnded(silo.Endpoint);
        using (await ending.AcceptSocketAsync()) ending.Stop();
        await question;
        Assert.Equal([silo], declared);
    }

    [Fact]
    public async Task ItsConnectionEnded_OnlyTheSiloOfThatMachineThatIsGone_IsDeclaredDead()
    {
        var elsewhere = SiloAddress.New(new IPEndPoint(IPAddress.Parse("127.0.0.2"), dead.Endpoint.Port), 1);
        await Watch(alive, dead, elsewhere).InboundEnded(IPAddress.Loopback);
        Assert.Equal([dead], declared);
    }

    [Fact]
    public async Task ConnectionEnded_SiloIsNotActive_NobodyIsAsked()
    {
        await Watch(alive).OutboundEnded(dead.Endpoint);
        Assert.Empty(declared);
    }

    [Fact]
    public async Task ManyConnectionsEndedAtOnce_SiloIsDeclaredDeadOnce()
    {
        var watch = Watch(dead);
        await Task.WhenAll(watch.OutboundEnded(dead.Endpoint), watch.InboundEnded(IPAddress.Loopback), watch.OutboundEnded(dead.Endpoint));
        Assert.Equal([dead], declared);
    }

    [Fact]
    public async Task DeclarationThatFails_IsLeftToTheProbes()
    {
        var watch = new SiloDeathWatch(
            () => [dead], _ => throw new OrleansException("the table can't be reached"), TimeProvider.System, NullLogger<SiloDeathWatch>.Instance);
        await watch.OutboundEnded(dead.Endpoint);
        await watch.OutboundEnded(dead.Endpoint);
    }

    public void Dispose() => living.Dispose();

    private SiloDeathWatch Watch(params SiloAddress[] active) => new(() => active, Declare, TimeProvider.System, NullLogger<SiloDeathWatch>.Instance);

    private Task Declare(SiloAddress silo)
    {
        lock (declared) declared.Add(silo);
        return Task.CompletedTask;
    }
}
