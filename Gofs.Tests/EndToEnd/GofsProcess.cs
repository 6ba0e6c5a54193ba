using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Gofs.Tests.EndToEnd;

/// <summary>What a process said and how it ended.</summary>
internal sealed record ProcessEnd(int ExitCode, string Output, string Error);

/// <summary>The built programs, as real processes.</summary>
internal static class GofsProcess
{
    private static readonly ConcurrentDictionary<int, byte> Given = [];

    // Compiled ahead of time where that was done (eng/ahead.targets), or else in the folder a project is built into, beside this one's.
    private static string BuiltFile(string project, string name)
    {
        var ahead = Path.Combine(AppContext.BaseDirectory, "ahead", project, name);
        return File.Exists(ahead) ? ahead : Path.Combine(AppContext.BaseDirectory.Replace("Gofs.Tests", project, StringComparison.Ordinal), name);
    }

    /// <summary>The silo that is tested: GOFS_SILO, an installed one for example, or else the one built with the tests.</summary>
    public static string SiloFile => Environment.GetEnvironmentVariable("GOFS_SILO") ?? BuiltFile("Gofs.Silo", "gofs-silo");

    /// <summary>The gofsctl that is tested: GOFS_CTL, or else the one built with the tests.</summary>
    public static string CtlFile => Environment.GetEnvironmentVariable("GOFS_CTL") ?? BuiltFile("Gofs.Ctl", "gofsctl");

    /// <summary>
    /// A TCP port nobody listens on, below those the kernel gives to connections: a client that tries a killed silo's port again and again could be
    /// given that very port, and keep it. Nobody else in this run gets it: a silo may not listen yet when the next one asks.
    /// </summary>
    public static int FreePort() => FreePort(10_000, step: 1, 10_000);

    /// <summary>The same, one of some numbers that are a step apart.</summary>
    public static int FreePort(int first, int step, int count)
    {
        while (true)
        {
            var port = first + (step * RandomNumberGenerator.GetInt32(count));
            if (!Given.TryAdd(port, default)) continue;
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another.
            }
        }
    }

    /// <summary>A process that is about to start, its output redirected.</summary>
    public static ProcessStartInfo Info(string file, params IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments) info.ArgumentList.Add(argument);
        return info;
    }

    /// <summary>Runs a process to its end, or kills it when that takes too long.</summary>
    public static async Task<ProcessEnd> RunAsync(ProcessStartInfo info, TimeSpan limit, string? input = null)
    {
        using var process = Process.Start(info)!;
        using var patience = new CancellationTokenSource(limit);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{info.FileName} {string.Join(' ', info.ArgumentList)} took more than {limit}");
        }

        return new(process.ExitCode, await output, await error);
    }
}
