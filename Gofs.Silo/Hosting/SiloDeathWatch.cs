using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Gofs.Silo.Hosting;

/// <summary>
/// Notices within a tenth of a second that another silo's process has ended. Why: probes need a second and more to tell a death from two busy
/// cores, but when a process ends its machine says so at once: it closes the process's connections and refuses new ones. So a connection to a
/// silo that ends is the sign, and the silo's port that refuses a new one, three times in a row, is the proof; then the silo is declared dead as
/// after missed probes, and its grains start elsewhere.
/// <para>
/// A silo that hangs, a machine that lost its power or a network that lost a silo says nothing, so those stay with the probes: whatever is not a
/// refusal or an answer ends the question. A silo that only closed its connection still listens, and goes on to: one whose process is ending may answer for a
/// moment, because its sockets are closed one after the other. One that was started again there is another silo to the
/// cluster, and its former self is dead. A firewall that refuses in a silo's name makes it look dead; that costs a failover, never data, because a
/// former master can't commit (EditLog epochs) whoever declared it dead. The watcher that dies leaves the proof to the others: each silo has
/// connections to each other one.
/// </para>
/// </summary>
/// <param name="active">The other silos that are active.</param>
/// <param name="declareDead">Declares one dead.</param>
/// <param name="time">Time between questions, and their limits.</param>
/// <param name="logger">Where a death is told.</param>
internal sealed partial class SiloDeathWatch(
    Func<IEnumerable<SiloAddress>> active, Func<SiloAddress, Task> declareDead, TimeProvider time, ILogger<SiloDeathWatch> logger)
{
    private const int Answers = 10; // before it counts as alive
    private const int Refusals = 3;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan AfterAnswer = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDeclaration = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<SiloAddress, Task> questions = new();

    /// <summary>A connection this silo opened, to a silo's port, has ended. What it finds shows in the membership.</summary>
    /// <returns>Ends with the question.</returns>
    public Task OutboundEnded(IPEndPoint silo) => AskAsync(active().Where(other => other.Endpoint.Equals(silo)));

    /// <summary>A connection another silo opened has ended: which one's it was only its machine tells, so all silos of that machine are asked.</summary>
    /// <returns>Ends with the questions.</returns>
    public Task InboundEnded(IPAddress machine) => AskAsync(active().Where(other => other.Endpoint.Address.Equals(machine)));

    // A silo is asked one question at a time, however many of its connections end.
    private Task AskAsync(IEnumerable<SiloAddress> suspects) => Task.WhenAll(suspects.Select(suspect =>
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = questions.GetOrAdd(suspect, ended.Task);
        if (question == ended.Task) _ = AskAsync(suspect, ended);
        return question;
    }));

    private async Task AskAsync(SiloAddress suspect, TaskCompletionSource ended)
    {
        try
        {
            if (!await IsRefusedAsync(suspect.Endpoint)) return;
            LogDead(logger, suspect);
            await declareDead(suspect).WaitAsync(LongestDeclaration, time);
        }
        catch (Exception failed)
        {
            // The probes find out what this could not settle.
            LogNotDeclared(logger, suspect, failed);
        }
        finally
        {
            questions.TryRemove(suspect, out _);
            ended.SetResult();
        }
    }

    private async Task<bool> IsRefusedAsync(IPEndPoint silo)
    {
        var (refusals, answers) = (0, 0);
        while (refusals < Refusals)
        {
            if (refusals > 0) await Task.Delay(Between, time);
            else if (answers > 0) await Task.Delay(AfterAnswer, time);
            using var socket = new Socket(silo.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var patience = new CancellationTokenSource(Patience, time);
            try
            {
                await socket.ConnectAsync(silo, patience.Token);
                refusals = 0;
                if (++answers == Answers) return false;
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                refusals++;
            }
            catch (Exception silent) when (silent is SocketException or OperationCanceledException)
            {
                return false;
            }
        }

        return true;
    }

    [LoggerMessage(4101, LogLevel.Warning, "{Silo} has ended: its connection closed and its port refuses; it is declared dead")]
    private static partial void LogDead(ILogger logger, SiloAddress silo);

    [LoggerMessage(4102, LogLevel.Warning, "Whether {Silo} has ended is left to the probes")]
    private static partial void LogNotDeclared(ILogger logger, SiloAddress silo, Exception failed);
}
