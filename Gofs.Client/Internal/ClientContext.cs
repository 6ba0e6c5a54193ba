using System.Buffers;
using System.Security.Cryptography;
using Gofs.Cluster;
using Gofs.Transport;
using Orleans;

namespace Gofs.Internal;

/// <summary>What the parts of one client share.</summary>
internal sealed class ClientContext : IDisposable
{
    private readonly CancellationTokenSource ended = new();
    private int disposed;

    public ClientContext(
        IGrainFactory grains, GofsClientOptions options, TimeProvider time,
        IChunkTransport? transport = null, ulong? seed = null, ArrayPool<byte>? buffers = null, Func<Task>? turn = null,
        TaskScheduler? pool = null)
    {
        Grains = grains;
        Pool = pool ?? TaskScheduler.Default;
        Ended = ended.Token;
        Options = options;
        Time = time;
        Caller = new(options.User, options.Host);
        Jitter = new Jitter(seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        Retry = new RetryPolicy(time, options.OperationTimeout, Jitter, options.AttemptTimeout);
        Transport = transport ?? MakeTransport();
        Suspects = new Suspects(time);
        Buffers = buffers ?? LargeBuffers.Shared;
        Slow = new Suspects(time);
        Reads = new HedgedReads(Transport, Slow, Buffers);
        Turn = turn ?? (static async () => await Task.Yield());
        Fills = new ChunkFiller(Transport, options.OperationTimeout, Turn, time);
    }

    public IGrainFactory Grains { get; }

    /// <summary>The client has ended: what goes on by itself for those who opened something and did not dispose of it ends too.</summary>
    public CancellationToken Ended { get; }

    public GofsClientOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>Who administrative acts are asked for by.</summary>
    public Caller Caller { get; }

    public IChunkTransport Transport { get; }

    /// <summary>Chunk servers that others are preferred to for a while.</summary>
    public Suspects Suspects { get; }

    /// <summary>Chunk servers that live and were too slow for a reader: others are read first for a while.</summary>
    public Suspects Slow { get; }

    public HedgedReads Reads { get; }

    /// <summary>Whole small chunks on their way.</summary>
    public ChunkFiller Fills { get; }

    /// <summary>
    /// What a request waits for so that others go with it (<see cref="GatheredCalls{TRequest,TAnswer}"/>): one turn of whatever runs the caller, the thread
    /// pool as a rule. A seam: a test says itself when the turn has come.
    /// </summary>
    public Func<Task> Turn { get; }

    /// <summary>Where runs what nobody waits for.</summary>
    public TaskScheduler Pool { get; }

    public Jitter Jitter { get; }

    public RetryPolicy Retry { get; }

    public ArrayPool<byte> Buffers { get; }

    public IClusterGrain Cluster => Grains.GetGrain<IClusterGrain>(0);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        ended.Cancel();
        (Transport as IDisposable)?.Dispose();
        ended.Dispose();
    }

    private IChunkTransport MakeTransport()
    {
        var (whole, read) = (Options.OperationTimeout, 2 * Options.AttemptTimeout);
        var overGrains = new GrainTransport(Grains, Time, whole, read);
        if (!Options.DataPorts) return overGrains;
        var addresses = new DataAddresses(
            () => Retry.RunAsync("", Cluster, static (cluster, stop) => cluster.ListChunkServersAsync(stop), CancellationToken.None), Time);
        return new SocketTransport(new(Time, Options.AttemptTimeout), addresses, overGrains, whole, read, Options.LocalFiles ? new(Time) : null);
    }
}
