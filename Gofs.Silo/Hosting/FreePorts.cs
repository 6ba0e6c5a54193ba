using System.Net;
using System.Net.Sockets;

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
        foreach (var port in settings.OrleansPorts)
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(address, port));
            }
            catch (SocketException refused)
            {
                throw new GofsException(GofsError.InvalidArgument, $"can't listen on {settings.Address}:{port}: {refused.Message}");
            }
        }
    }
}
