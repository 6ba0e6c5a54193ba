using System.Runtime.InteropServices;

namespace Gofs.Ctl.CommandLine;

/// <summary>
/// Ctrl-C and SIGTERM. The first cancels the command that runs; the process ends by itself then, or after
/// <see cref="Patience"/>, or at the next signal. In the shell Ctrl-C ends only the command.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly PosixSignalRegistration[] registrations;
    private readonly bool isShell;
    private readonly Lock gate = new();
    private CancellationTokenSource running = new();
    private ITimer? limit;

    /// <summary>Begins to listen.</summary>
    public Interrupts(bool isShell = false)
    {
        this.isShell = isShell;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>For the next command.</summary>
    public CancellationToken Begin()
    {
        lock (gate)
        {
            if (running.IsCancellationRequested)
            {
                running.Dispose();
                running = new();
            }

            return running.Token;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        limit?.Dispose();
        running.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        lock (gate)
        {
            var again = running.IsCancellationRequested;
            if (signal.Signal == PosixSignal.SIGTERM && isShell || again && !isShell) Environment.Exit(ExitCodes.Interrupted);
            if (again) return;
            if (!isShell) limit = TimeProvider.System.CreateTimer(_ => Environment.Exit(ExitCodes.Interrupted), null, Patience, Timeout.InfiniteTimeSpan);
            running.Cancel();
        }
    }
}
