using System.Net.Sockets;

namespace Gofs.Silo.ChunkServer.Network;

/// <summary>Takes the connections that come to a socket, until it is told to stop. One that can't be taken is told of, and the next waits a moment.</summary>
internal static class AcceptLoop
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it. Who takes a connection does not keep the thread: others wait to be taken.</summary>
    public static async Task RunAsync(Socket listener, Action<Socket> take, Action<Exception> onFailed, TimeProvider time, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                take(await listener.AcceptAsync(stop));
            }
            catch (Exception failed) when (failed is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (stop.IsCancellationRequested) return;
                onFailed(failed);
                await Task.Delay(AfterFailure, time, CancellationToken.None);
            }
        }
    }
}
