using System.Globalization;

namespace Gofs.Tests.Cluster;

/// <summary>Where a namespace's master is.</summary>
internal static class Masters
{
    private const string Prefix = "silo-";

    /// <summary>A silo's name.</summary>
    public static string Text(int silo) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{silo}");

    /// <summary>The number in a silo's name.</summary>
    public static int Number(string silo) => int.Parse(silo.AsSpan(Prefix.Length), CultureInfo.InvariantCulture);

    /// <summary>Waits until the master has a warm standby; answers the silo it is on.</summary>
    public static async Task<int> WarmAsync(GofsNamespace files, TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        while (true)
        {
            var status = await files.GetStatusAsync(patience.Token);
            if (status.Standbys.Any(standby => standby.EditLogNumber > 0 && standby.Lag < TimeSpan.FromSeconds(1)))
                return Number(status.Silo);
            await Task.Delay(100, patience.Token);
        }
    }

    /// <summary>Waits until another silo has the master. It only asks, so that a master that hangs finds no command at its door.</summary>
    public static async Task MovedAsync(GofsNamespace files, int from, TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        while ((await files.GetStatusAsync(patience.Token)).Silo == Text(from)) await Task.Delay(50, patience.Token);
    }

    /// <summary>Makes namespaces until the master of one is on this silo.</summary>
    public static async Task<GofsNamespace> NamespaceOnAsync(GofsClient client, int silo, CancellationToken cancellation)
    {
        const int Tries = 30;
        for (var number = 0; number < Tries; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"placed-{number}");
            await client.CreateNamespaceAsync(name, cancellation: cancellation);
            if ((await client.Namespace(name).GetStatusAsync(cancellation)).Silo == Text(silo)) return client.Namespace(name);
        }

        throw new InvalidOperationException($"of {Tries} masters none is on {Text(silo)}");
    }
}
