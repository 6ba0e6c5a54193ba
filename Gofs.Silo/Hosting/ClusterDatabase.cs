using Gofs.Grains.EditLogs.Postgres;

namespace Gofs.Silo.Hosting;

/// <summary>The PostgreSQL database of a cluster, before anything else of the silo starts.</summary>
internal static class ClusterDatabase
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Runs the scripts that are missing and answers the cluster's id. A database that can't be reached is tried for a minute: machines
    /// start in any order.
    /// </summary>
    /// <exception cref="GofsException"><see cref="GofsError.Unavailable"/>; <see cref="GofsError.ForeignFolder"/>: of a newer Gofs.</exception>
    public static async Task<string> PrepareAsync(string connection, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await Task.Run(() => PostgresCluster.Prepare(connection), cancellation);
            }
            catch (GofsException silent) when (silent.Error == GofsError.Unavailable && time.GetElapsedTime(started) < Patience)
            {
                await Console.Error.WriteLineAsync($"gofs-silo: {silent.Message}; trying again");
                await Task.Delay(Every, time, cancellation);
            }
        }
    }
}
