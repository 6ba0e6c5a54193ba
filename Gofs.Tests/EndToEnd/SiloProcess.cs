using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gofs.Tests.EndToEnd;

/// <summary>A real silo in its own process, on a data folder of its own, which outlives kills.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly StringBuilder errors = new();
    private readonly string[] extra;
    private Process? process;

    private SiloProcess(string folder, string[] extra)
    {
        Folder = folder;
        this.extra = extra;
        (GatewayPort, SiloPort) = (GofsProcess.FreePort(), GofsProcess.FreePort());
    }

    public string Folder { get; }

    public string DataFolder => Path.Combine(Folder, "data");

    public int GatewayPort { get; }

    public int SiloPort { get; }

    public string Gateway => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{GatewayPort}");

    public GofsClientOptions ClientOptions => new() { Gateways = [Gateway] };

    public string Errors
    {
        get
        {
            lock (errors) return errors.ToString();
        }
    }

    public static Task<SiloProcess> StartAsync(params string[] extra) => StartInAsync(Directory.CreateTempSubdirectory("gofs-test-").FullName, extra);

    /// <summary>Starts one that has everything in a folder, which goes with it.</summary>
    public static async Task<SiloProcess> StartInAsync(string folder, params string[] extra)
    {
        var silo = new SiloProcess(folder, extra);
        await silo.RestartAsync();
        return silo;
    }

    public ProcessStartInfo Info() => GofsProcess.Info(
        GofsProcess.SiloFile,
        ["--data", DataFolder, "--gateway-port", Text(GatewayPort), "--silo-port", Text(SiloPort), "--data-port", "0", .. WithoutConsole, .. extra]);

    /// <summary>Many run at once: a console only where a test wants one.</summary>
    private string[] WithoutConsole => extra.Any(one => one is "--roles" or "--console-port") ? [] : ["--roles", "meta,chunks"];

    public async Task RestartAsync()
    {
        if (process is not null) throw new InvalidOperationException("the silo is running");
        var started = Process.Start(Info())!;
        process = started;
        started.ErrorDataReceived += (_, line) => Note(line.Data);
        started.BeginErrorReadLine();
        using var patience = new CancellationTokenSource(StartLimit);
        while (await started.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("Gofs is serving", StringComparison.Ordinal))
            {
                _ = DrainAsync(started);
                return;
            }

            Note(line);
        }

        await started.WaitForExitAsync(patience.Token);
        process = null;
        throw new InvalidOperationException($"the silo ended with {started.ExitCode}: {Errors}");
    }

    /// <summary>SIGKILL: the process gets no chance to write anything.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static async Task DrainAsync(Process started)
    {
        try
        {
            while (await started.StandardOutput.ReadLineAsync() is not null)
            {
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The process was killed: nothing more to read.
        }
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (errors) errors.AppendLine(line);
    }
}
