using System.Collections.Concurrent;
using System.Net;
using Gofs.Silo.Hosting.Pulses;
using Gofs.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using Xunit;

namespace Gofs.Tests.Cluster.Pulses;

/// <summary>The threads and sockets under the judgement, on loopback.</summary>
public sealed class SiloPulsesTests
{
    private static readonly byte[] Key = Pulse.KeyOf(new ClusterKey("a secret of the test's cluster"u8));
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>One of the three is the test itself. Whether a datagram is heard nobody can know, so it sends another and falls silent again.</summary>
    [Fact(Timeout = 120_000)]
    public async Task SiloThatFallsSilent_IsDeclaredDeadByBothOthers()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var sockets = Enumerable.Range(0, 3).Select(_ => SiloPulses.Open(new(IPAddress.Loopback, 0))).ToArray();
        var silos = sockets.Select((socket, number) => SiloAddress.New((IPEndPoint)socket.LocalEndPoint!, number + 1)).ToArray();
        var declared = new ConcurrentDictionary<SiloAddress, SiloAddress>();
        using var news = new SemaphoreSlim(0);
        SiloPulses[] pulses = [Start(1), Start(2)];
        foreach (var one in pulses) await one.StartAsync(cancellation);
        var datagram = new byte[Pulse.Bytes];
        for (var sequence = 1UL; declared.Count < 2; sequence++)
        {
            Assert.True(sequence < 20, $"{declared.Count} of two have declared it dead");
            new Pulse(silos[0], sequence, []).Format(datagram, Key);
            foreach (var other in silos[1..]) await sockets[0].SendToAsync(datagram, other.Endpoint, cancellation);
            await news.WaitAsync(Patience, cancellation);
            await news.WaitAsync(Patience, cancellation);
        }

        foreach (var one in pulses)
        {
            await one.StopAsync(cancellation);
            one.Dispose();
        }

        sockets[0].Dispose();

        SiloPulses Start(int number) => new(silos[number], () => silos, dead =>
        {
            if (dead.Equals(silos[0]) && declared.TryAdd(silos[number], dead)) news.Release();
            return Task.CompletedTask;
        }, () => sockets[number], Key, TimeProvider.System, NullLogger<SiloPulses>.Instance);
    }

    [Fact(Timeout = 60_000)]
    public async Task PortThatSomebodyHas_SiloGoesOnWithoutPulses()
    {
        using var taken = SiloPulses.Open(new(IPAddress.Loopback, 0));
        var self = SiloAddress.New((IPEndPoint)taken.LocalEndPoint!, 1);
        using var pulses = new SiloPulses(self, () => [self], _ => Task.CompletedTask, () => SiloPulses.Open(self.Endpoint), Key,
            TimeProvider.System, NullLogger<SiloPulses>.Instance);
        await pulses.StartAsync(TestContext.Current.CancellationToken);
        await pulses.StopAsync(TestContext.Current.CancellationToken);
    }
}
