using System.Diagnostics;
using System.Globalization;
using Gofs.Tests.EditLogs;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>Silos as processes on a PostgreSQL of their own (eng/cluster), in a folder and on ports of its own.</summary>
internal sealed class ClusterProcess : IAsyncDisposable
{
    private const int Ports = 50; // of one cluster
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan CleanupLimit = TimeSpan.FromMinutes(15); // hundreds of thousands of files, after a soak
    private readonly int basePort;
    private string net = "";
    private readonly string folder;

    private ClusterProcess(int silos, int basePort, string folder) => (Silos, this.basePort, this.folder) = (silos, basePort, folder);

    public int Silos { get; }

    public IReadOnlyList<string> Gateways => [.. Enumerable.Range(1, Silos).Select(Gateway)];

    public GofsClientOptions ClientOptions => new() { Gateways = Gateways, ConnectTimeout = TimeSpan.FromSeconds(60) };

    /// <summary>Settings of all silos, by their key without "Silo:".</summary>
    private IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public static Task<ClusterProcess> StartAsync(int silos, params string[] extra) => StartAsync(silos, new Dictionary<string, string>(), extra);

    public static Task<ClusterProcess> StartAsync(int silos, IReadOnlyDictionary<string, string> settings, params string[] extra) =>
        StartInAsync(Path.Combine(Path.GetTempPath(), $"gofs-cluster-{Guid.NewGuid():N}"), silos, settings, extra);

    /// <summary>Starts one that has everything in a folder, which goes with it.</summary>
    public static async Task<ClusterProcess> StartInAsync(string folder, int silos, IReadOnlyDictionary<string, string> settings, params string[] extra)
    {
        if (!Directory.Exists("/usr/lib/postgresql") && Environment.UserName != "root")
            Assert.Skip("PostgreSQL is not installed, and only root can install it");
        var cluster = new ClusterProcess(silos, GofsProcess.FreePort(20_000, Ports, 200), folder) { Settings = settings };
        try
        {
            await cluster.RunAsync(["up", silos.ToString(CultureInfo.InvariantCulture), .. extra]);
            cluster.net = File.ReadAllText(Path.Combine(cluster.folder, "cluster")).Trim().Split("net=")[^1].Trim('\'');
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One word of eng/cluster with its arguments; answers what it says.</summary>
    public async Task<string> RunAsync(params string[] words)
    {
        string[] where = ["--dir", folder, "--base-port", Text(basePort), "--pg-made", PostgresServer.Made];
        var info = GofsProcess.Info(Path.Combine(Repository(), "eng", "cluster"), [.. words, .. where]);
        info.Environment["GOFS_SILO"] = GofsProcess.SiloFile;
        foreach (var (key, value) in Settings) info.Environment[$"GOFS__Silo__{key}"] = value;
        var end = await GofsProcess.RunAsync(info, words[0] == "down" ? CleanupLimit : Limit);
        Assert.True(end.ExitCode == 0, $"eng/cluster {string.Join(' ', words)}: {end.ExitCode} {end.Error}");
        return end.Output;
    }

    public Task RunAsync(string word, int silo) => RunAsync(word, Text(silo));

    public string Gateway(int silo) => $"{(net.Length > 0 ? $"{net}.{silo}" : "127.0.0.1")}:{basePort + 30 + silo}";

    /// <summary>Where the console is (--console).</summary>
    public string Console => $"http://localhost:{Text(basePort + 70)}/";

    /// <summary>Where a silo keeps everything.</summary>
    public string Folder(int silo) => Path.Combine(folder, $"silo-{silo}");

    /// <summary>Whether the silo's process is there: it may be stopped, or about to end itself.</summary>
    public bool IsRunning(int silo) =>
        Directory.Exists(Path.Combine("/proc", File.ReadAllText(Path.Combine(folder, $"silo-{silo}", "pid")).Trim()));

    /// <summary>
    /// Notes which processes there are, so that they can be killed when their folder can't be read any more. PostgreSQL's sessions outlive its first process
    /// where they wait for one that died: they are killed too.
    /// </summary>
    public Func<Task> AllProcesses()
    {
        var data = Path.Combine(folder, "pg", "data");
        string[] files = [.. Enumerable.Range(1, Silos).Select(silo => Path.Combine(Folder(silo), "pid")), Path.Combine(data, "postmaster.pid")];
        Process[] processes = [.. files.Select(file => Process.GetProcessById(int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture)))];
        return async () =>
        {
            await KillAsync(processes);
            await KillAsync([.. WorkingIn(data)]);
        };
    }

    /// <summary>Cancelled when the silo's process is gone, or with the other token.</summary>
    public CancellationTokenSource EndOf(int silo, CancellationToken cancellation)
    {
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _ = WatchAsync();
        return ended;

        async Task WatchAsync()
        {
            var token = ended.Token;
            try
            {
                while (IsRunning(silo)) await Task.Delay(50, token);
                await ended.CancelAsync();
            }
            catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException or IOException)
            {
                // Nobody waits for it any more.
            }
        }
    }

    /// <summary>Waits until the silo has ended itself, then starts it again.</summary>
    public async Task StartWhenEndedAsync(int silo, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (IsRunning(silo)) await Task.Delay(50, patience.Token);
        await RunAsync("start", silo);
    }

    /// <summary>
    /// Starts silos that have ended, as whoever runs servers does, until it is told to stop: on a machine without a free moment one can be taken for dead, and
    /// then ends itself.
    /// </summary>
    public async Task KeepRunningAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var silo in Enumerable.Range(1, Silos).Where(silo => !IsRunning(silo))) await RunAsync("start", silo);
            await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Copies all there is of it, logs, database and disks, to a folder that is not there yet, for whoever looks into what went wrong.</summary>
    public async Task KeepAsync(string to)
    {
        var end = await GofsProcess.RunAsync(GofsProcess.Info("cp", ["-r", folder, to]), CleanupLimit);
        Assert.True(end.ExitCode == 0, $"cp -r {folder} {to}: {end.Error}");
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(folder, "cluster"))) await RunAsync("down");
    }

    private static async Task KillAsync(IReadOnlyList<Process> processes)
    {
        foreach (var process in processes) process.Kill();
        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    // Whose working folder is that: known without reading it.
    private static IEnumerable<Process> WorkingIn(string data)
    {
        foreach (var process in Process.GetProcesses())
        {
            if (new DirectoryInfo($"/proc/{Text(process.Id)}/cwd").LinkTarget == data) yield return process;
            else process.Dispose();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Repository() => AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("Gofs.Tests", StringComparison.Ordinal)];
}
