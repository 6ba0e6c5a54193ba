using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gofs.Internal;

/// <summary>A silo's gateway as people write it: "host:port", "[v6]:port".</summary>
internal static class Gateway
{
    /// <summary>Whether a text has a host and a port.</summary>
    public static bool IsWellFormed(string? text) => TrySplit(text, out _, out _);

    /// <summary>The end point; a name is asked for.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloUnreachable"/>: the name is not known.</exception>
    public static async Task<IPEndPoint> ResolveAsync(string text, CancellationToken cancellation)
    {
        if (!TrySplit(text, out var host, out var port))
            throw new GofsException(GofsError.InvalidArgument, $"'{text}' is not host:port");
        if (IPAddress.TryParse(host, out var address)) return new IPEndPoint(address, port);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellation);
            var first = addresses.FirstOrDefault(candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? addresses.FirstOrDefault();
            if (first is not null) return new IPEndPoint(first, port);
        }
        catch (SocketException failure)
        {
            throw new GofsException(GofsError.SiloUnreachable, $"the host of gateway {text} is not known", "", failure);
        }

        throw new GofsException(GofsError.SiloUnreachable, $"the host of gateway {text} has no address");
    }

    private static bool TrySplit(string? text, out string host, out int port)
    {
        host = "";
        port = 0;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0) return false;
        host = text![..colon].TrimStart('[').TrimEnd(']');
        return host.Length > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is > 0 and <= 65535;
    }
}
