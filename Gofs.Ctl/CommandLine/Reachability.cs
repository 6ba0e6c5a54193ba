using System.Net.Sockets;

namespace Gofs.Ctl.CommandLine;

/// <summary>
/// Whether anybody listens, before a client is made: a machine where no silo runs is told in the connect timeout, while one that is only
/// slow gets the time of an operation.
/// </summary>
internal static class Reachability
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until one of the gateways takes a connection.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloUnreachable"/>: none did in time.</exception>
    public static async Task WaitAsync(IReadOnlyList<string> gateways, TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(limit);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            while (true)
            {
                var tries = gateways.Select(gateway => TryAsync(gateway, both.Token)).ToList();
                while (tries.Count > 0)
                {
                    var ended = await Task.WhenAny(tries);
                    if (await ended) return;
                    tries.Remove(ended);
                }

                await Task.Delay(BetweenTries, both.Token);
            }
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new GofsException(GofsError.SiloUnreachable, $"no silo answers at {string.Join(", ", gateways)}: start one with gofs-silo");
        }
    }

    private static async Task<bool> TryAsync(string gateway, CancellationToken cancellation)
    {
        var colon = gateway.LastIndexOf(':');
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(gateway[..colon].Trim('[', ']'), int.Parse(gateway.AsSpan(colon + 1), provider: null), cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
