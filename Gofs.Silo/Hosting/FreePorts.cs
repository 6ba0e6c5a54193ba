using System.Net;
using System.Net.Sockets;
using Gofs.Cluster;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Refuses a port somebody listens on already. Orleans' listeners ask the kernel to share their port with others that ask the same, so
/// two silos started with the same ports would both seem to serve, each a part of the connections.
/// </summary>
internal static class FreePorts
{
    /// <summary>Checks the ports of a silo's settings.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: one is in use, or the address is not this machine's.</exception>
    public static void Check(SiloSettings settings)
    {
        var address = IPAddress.Parse(settings.Address);
        foreach (var port in settings.OrleansPorts) Check(new(address, port), "");
        if (settings.RolesInForce.HasFlag(SiloRoles.Console))
            Check(settings.ConsoleEndPoint, " (the console; --console-port says another, --roles meta,chunks does without)");
        if (settings.MetricsPort > 0) Check(settings.MetricsEndPoint, " (metrics; Silo:MetricsPort says another, 0 does without)");
    }

    private static void Check(IPEndPoint at, string what)
    {
        using var probe = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(at);
        }
        catch (SocketException refused)
        {
            throw new GofsException(GofsError.InvalidArgument, $"can't listen on {at}{what}: {refused.Message}");
        }
    }
}
