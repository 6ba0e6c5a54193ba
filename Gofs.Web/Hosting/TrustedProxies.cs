using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Gofs.Web.Hosting;

/// <summary>
/// Proxies before the console, which end TLS. What one of them says of a request (that it came by https, to which name, from which address) is taken for how
/// it was asked; what anybody else says of that is not looked at. So pages of the public address are the console's own ones, cookies are for https only, and
/// wrong passwords count for whoever typed them and not for the proxy.
/// </summary>
public static class TrustedProxies
{
    /// <summary>Reads where proxies are: an IP address, or a network such as <c>10.0.0.0/24</c>; not all of the world.</summary>
    public static bool TryParse(string text, out System.Net.IPNetwork proxies)
    {
        if (!IPAddress.TryParse(text, out var one)) return System.Net.IPNetwork.TryParse(text, out proxies) && proxies.PrefixLength > 0;
        proxies = new(one, one.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>Takes their word, before anything else looks at a request.</summary>
    internal static void UseProxies(this IApplicationBuilder app, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        if (proxies.Count == 0) return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var one in proxies) options.KnownIPNetworks.Add(one);
        app.UseForwardedHeaders(options);
    }
}
