using System.Globalization;
using Gofs.Tests.Cluster;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.PowerCuts;

/// <summary>
/// The power goes under mixed load: chunk folder and metadata (SQLite; with PostgreSQL its data too) are on a disk that forgets whatever was not synced.
/// When it is back every acknowledged operation must be there, and of the one under way all or nothing. GOFS_TEST_CUTS says how often (1; 20 with
/// GOFS_TEST_LONG), GOFS_TEST_SEED from which seed.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    private const int Workers = 12;
    private const long DiskBytes = 1L << 30;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    private static readonly int Cuts = TestSetting.Number("GOFS_TEST_CUTS", Environment.GetEnvironmentVariable("GOFS_TEST_LONG") is null ? 1 : 20);
    private static readonly int Seed = TestSetting.Number("GOFS_TEST_SEED", 20261129);

    [Fact(Timeout = 3_600_000, Explicit = true)]
    public async Task OneSiloWithSqlite_HasEverythingItAcknowledged_WhenThePowerIsBack()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var disk = await PowerCutDisk.MakeAsync(DiskBytes);
        await using var silo = await SiloProcess.StartInAsync(Directory.CreateDirectory(Path.Combine(disk.Folder, "home")).FullName);
        await CutAndCheckAsync(disk, silo.ClientOptions, () => silo.KillAsync, silo.RestartAsync, _ => Task.CompletedTask, cancellation);
    }

    [Fact(Timeout = 3_600_000, Explicit = true)]
    public async Task ThreeSilosWithPostgres_HaveEverythingTheyAcknowledged_WhenThePowerIsBack()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var disk = await PowerCutDisk.MakeAsync(DiskBytes);
        var home = Path.Combine(disk.Folder, "home");
        await using var cluster = await ClusterProcess.StartInAsync(home, 3, new Dictionary<string, string>());
        await disk.SyncAsync(); // eng/cluster's own files
        await CutAndCheckAsync(disk, cluster.ClientOptions, cluster.AllProcesses, StartAsync, cluster.KeepRunningAsync, cancellation);

        async Task StartAsync()
        {
            await cluster.RunAsync("pg", "start");
            await cluster.RunAsync("start");
        }
    }

    // running: answers what kills all that runs at that moment; keepRunning: starts what ends by itself.
    private async Task CutAndCheckAsync(
        PowerCutDisk disk, GofsClientOptions options, Func<Func<Task>> running, Func<Task> start, Func<CancellationToken, Task> keepRunning,
        CancellationToken cancellation)
    {
        var random = new Random(Seed);
        var load = new CrashLoad(options, Workers, random, disksFail: true);
        await load.MakeAsync(CrashWorker.Config, cancellation);
        for (var number = 0; number < Cuts; number++)
        {
            try
            {
                await load.WorkAndStrikeAsync(TimeSpan.FromMilliseconds(200) + (Longest * random.NextDouble()), CutAsync, cancellation);
                await disk.RestoreAsync();
                await start();
                using var checking = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var keeping = keepRunning(checking.Token);
                try
                {
                    await load.CheckAsync(cancellation);
                }
                finally
                {
                    await checking.CancelAsync();
                    await keeping;
                }
            }
            catch (Exception failed)
            {
                output.WriteLine($"cut {number}: {failed}");
                if (disk.IsCut) await disk.RestoreAsync(); // or else nothing could be tidied up
                throw;
            }
        }

        Assert.True(load.Done > Workers, $"the workers got only {load.Done} operations done");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Cuts} power cuts, seed {Seed}: {load.Done} operations acknowledged and found"));

        async Task CutAsync()
        {
            var kill = running();
            disk.Cut();
            await kill();
        }
    }
}
