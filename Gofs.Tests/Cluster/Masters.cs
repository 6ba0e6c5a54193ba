using System.Globalization;

namespace Gofs.Tests.Cluster;

/// <summary>Where a namespace's master is.</summary>
internal static class Masters
{
    private const string Prefix = "silo-";

    /// <summary>A silo's name.</summary>
    public static string Text(int silo) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{silo}");

    /// <summary>Waits until the master has a warm standby; answers the silo it is on.</summary>
    public static async Task<int> WarmAsync(GofsNamespace files, TimeSpan limit, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limit);
        while (true)
        {
            var status = await files.GetStatusAsync(patience.Token);
            if (status.Standbys.Any(standby => standby.EditLogNumber > 0 && standby.Lag < TimeSpan.FromSeconds(1)))
                return int.Parse(status.Silo.AsSpan(Prefix.Length), CultureInfo.InvariantCulture);
            await Task.Delay(100, patience.Token);
        }
    }
}
