using System.Net;
using System.Net.Sockets;

namespace Gofs.Silo.Hosting.Pulses;

/// <summary>
/// Sends this silo's pulses, hears the others', and has those declared dead that <see cref="PulseJudgement"/> finds dead. One thread and one socket,
/// UDP on the number of the silo's port. Nothing here goes over the thread pool but the declaration: a silo that is busy, or whose pool is, is not
/// dead. What stops the process stops the thread, and that is what the others are to see.
/// <para>
/// It starts before Orleans and ends after it, so that a silo that moves its masters away before it stops is heard until it is off the list. Where the
/// port can't be had, or nothing gets through, this silo is neither judged nor judges, and the probes are what is left; that is said once.
/// </para>
/// </summary>
/// <param name="self">This silo.</param>
/// <param name="active">The silos that are active, this one among them.</param>
/// <param name="declareDead">Declares one dead.</param>
/// <param name="open">Opens the socket, bound.</param>
/// <param name="key">What pulses are signed with: <see cref="Pulse.KeyOf"/>.</param>
/// <param name="time">Times pulses and silence.</param>
/// <param name="logger">Where deaths are told, and trouble with the network, once for each kind until silos come or go.</param>
internal sealed partial class SiloPulses(
    SiloAddress self, Func<IReadOnlyList<SiloAddress>> active, Func<SiloAddress, Task> declareDead, Func<Socket> open, byte[] key, TimeProvider time,
    ILogger<SiloPulses> logger) : IHostedService, IDisposable
{
    private const int MostLate = 4096; // pulses heard after the next judgement was due: whoever sends more can't hold it up
    private const int ReceiveBytes = 1 << 20;
    private static readonly TimeSpan LongestDeclaration = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);
    private readonly PulseJudgement judgement = new(self);
    private readonly ManualResetEventSlim stopping = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<SiloAddress, SocketAddress> targets = [];
    private readonly HashSet<string> told = [];
    private readonly byte[] sent = new byte[Pulse.Bytes];
    private readonly byte[] received = new byte[Pulse.Bytes + 1];
    private readonly SocketAddress sender = new(self.Endpoint.AddressFamily);
    private readonly long origin = time.GetTimestamp();
    private IReadOnlyList<SiloAddress> silos = [];
    private ulong sequence;

    private TimeSpan Now => time.GetElapsedTime(origin);

    /// <summary>Opens the socket of a silo.</summary>
    /// <exception cref="SocketException">Somebody else has the port.</exception>
    public static Socket Open(IPEndPoint silo)
    {
        var socket = new Socket(silo.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(silo);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var socket = open();
            (socket.Blocking, socket.ReceiveBufferSize) = (false, ReceiveBytes);
            new Thread(() => Run(socket)) { Name = "gofs pulses", IsBackground = true }.Start();
        }
        catch (SocketException refused)
        {
            LogNoSocket(logger, self.Endpoint, refused);
            ended.SetResult();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        stopping.Set();
        return ended.Task.WaitAsync(LongestEnd, time, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => stopping.Set();

    private void Run(Socket socket)
    {
        using (socket)
        {
            var due = Now;
            while (!stopping.IsSet)
            {
                try
                {
                    ListenUntil(socket, due);
                    due = Now + PulseJudgement.Period;
                    Beat(socket);
                }
                catch (Exception failed)
                {
                    // A thread that ended would make this silo look dead.
                    TellOnce(failed.GetType().Name, failed);
                    stopping.Wait(PulseJudgement.Period);
                }
            }
        }

        ended.SetResult();
    }

    // At least once, and until nothing waits: what came while this silo stood still counts before it judges.
    private void ListenUntil(Socket socket, TimeSpan due)
    {
        for (var late = 0; late < MostLate;)
        {
            var left = due - Now;
            if (left <= TimeSpan.Zero)
            {
                left = TimeSpan.Zero;
                late++;
            }

            if (!socket.Poll(left, SelectMode.SelectRead)) return;
            try
            {
                var length = socket.ReceiveFrom(received, SocketFlags.None, sender);
                if (Pulse.Parse(received.AsSpan(0, length), key) is { } pulse) judgement.Hear(pulse, Now);
            }
            catch (SocketException failed)
            {
                TellOnce($"receive: {failed.SocketErrorCode}", failed);
                stopping.Wait(left < PulseJudgement.Period ? left : PulseJudgement.Period);
            }
        }
    }

    private void Beat(Socket socket)
    {
        Follow(active());
        var dead = judgement.Judge(silos, Now);
        if (judgement.Stopped > TimeSpan.Zero) LogStopped(logger, judgement.Stopped.TotalSeconds);
        foreach (var silo in dead)
        {
            LogDead(logger, silo, PulseJudgement.Silence.TotalSeconds, silos.Count);
            _ = Task.Run(() => DeclareAsync(silo));
        }

        new Pulse(self, ++sequence, judgement.Silent).Format(sent, key);
        foreach (var (silo, target) in targets)
        {
            try
            {
                socket.SendTo(sent, SocketFlags.None, target);
            }
            catch (SocketException failed)
            {
                TellOnce($"send to {silo}: {failed.SocketErrorCode}", failed);
            }
        }
    }

    private void Follow(IReadOnlyList<SiloAddress> now)
    {
        if (ReferenceEquals(now, silos)) return;
        silos = now;
        told.Clear();
        targets.Clear();
        foreach (var silo in now.Where(silo => !silo.Equals(self) && silo.Endpoint.AddressFamily == self.Endpoint.AddressFamily))
            targets[silo] = silo.Endpoint.Serialize();
    }

    private async Task DeclareAsync(SiloAddress silo)
    {
        try
        {
            await declareDead(silo).WaitAsync(LongestDeclaration, time);
        }
        catch (Exception failed)
        {
            // The others of the majority declare it too; then there are the probes, and the next judgement.
            LogNotDeclared(logger, silo, failed);
        }
    }

    private void TellOnce(string kind, Exception failed)
    {
        if (told.Add(kind)) LogTrouble(logger, kind, failed);
    }

    [LoggerMessage(4111, LogLevel.Warning, "{Silo} has been silent for {Seconds} s to more than half of the {Silos} active silos; it is declared dead")]
    private static partial void LogDead(ILogger logger, SiloAddress silo, double seconds, int silos);

    [LoggerMessage(4112, LogLevel.Warning, "{Silo} could not be declared dead")]
    private static partial void LogNotDeclared(ILogger logger, SiloAddress silo, Exception failed);

    [LoggerMessage(4113, LogLevel.Warning, "Pulses: {Kind}; it goes on, and this is not said again until silos come or go")]
    private static partial void LogTrouble(ILogger logger, string kind, Exception failed);

    [LoggerMessage(4114, LogLevel.Warning, "UDP {Port} can't be had: this silo sends no pulses and hears none; a silo that hangs is left to the probes")]
    private static partial void LogNoSocket(ILogger logger, IPEndPoint port, Exception failed);

    [LoggerMessage(4115, LogLevel.Information, "This silo stood still for {Seconds:0.00} s; it judges the others anew")]
    private static partial void LogStopped(ILogger logger, double seconds);
}
