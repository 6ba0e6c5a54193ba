using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Gofs.Internal;

/// <summary>
/// Turns whatever a call ends with into a <see cref="GofsException"/>, so that no exception of Orleans or of the network
/// reaches a caller, and says which of them mean "outcome unknown, ask again".
/// </summary>
internal static class Failures
{
    /// <summary>Whether the failure is the caller's own cancellation, which goes through as it is.</summary>
    public static bool IsOwnCancellation(Exception failure, CancellationToken cancellation) =>
        failure is OperationCanceledException && cancellation.IsCancellationRequested;

    /// <summary>Whether asking again, with the same op-id, is right.</summary>
    public static bool IsTransient(GofsError error) =>
        error is GofsError.Unavailable or GofsError.Timeout or GofsError.Busy or GofsError.SiloUnreachable or GofsError.ChunkServerNotFound;

    /// <summary>The failure in the words of Gofs.</summary>
    public static GofsException Translate(Exception failure, Subject subject) => failure switch
    {
        GofsException { Path.Length: > 0 } known => known,
        GofsException known => new(known.Error, known.Detail, subject.ToString(), known),
        AggregateException { InnerExceptions: [var only] } => Translate(only, subject),
        // A grain that could not be made: why is what counts.
        InvalidOperationException { InnerException: GofsException why } => Translate(why, subject),
        TimeoutException => new(GofsError.Timeout, "no answer in time", subject.ToString(), failure),
        GatewayTooBusyException or LimitExceededException =>
            new(GofsError.Busy, "the silo has too much to do", subject.ToString(), failure),
        SiloUnavailableException or ClientNotAvailableException or ConnectionFailedException or SocketException
            or ConnectionAbortedException or ConnectionResetException =>
            new(GofsError.SiloUnreachable, "no silo answers", subject.ToString(), failure),
        OrleansException or OperationCanceledException =>
            new(GofsError.Unavailable, $"the call was not carried out: {failure.Message}", subject.ToString(), failure),
        ObjectDisposedException => new(GofsError.SiloUnreachable, "the client is closed", subject.ToString(), failure),
        _ => new(GofsError.Internal, $"{failure.GetType().Name}: {failure.Message}", subject.ToString(), failure),
    };

    /// <summary>What is said when retrying ended with the time for it.</summary>
    public static GofsException GaveUp(GofsException last, TimeSpan limit, Subject subject)
    {
        var seconds = limit.TotalSeconds.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);
        return last.Error == GofsError.SiloUnreachable
            ? new(GofsError.SiloUnreachable, $"{last.Detail} (tried for {seconds} s)", subject.ToString(), last)
            : new(GofsError.Timeout, $"not done within {seconds} s, the outcome is unknown: {last.Detail}", subject.ToString(), last);
    }
}
