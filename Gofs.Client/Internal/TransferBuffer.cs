using System.Buffers;

namespace Gofs.Internal;

/// <summary>
/// A pooled buffer with one owner. <see cref="Return"/> gives it back, once; a buffer that somebody may still be reading (a write
/// whose outcome is unknown) is not returned but left to the garbage collector.
/// </summary>
internal sealed class TransferBuffer
{
    private readonly ArrayPool<byte> pool;
    private readonly int capacity;
    private byte[]? bytes;

    private TransferBuffer(ArrayPool<byte> pool, int capacity)
    {
        this.pool = pool;
        this.capacity = capacity;
        bytes = pool.Rent(capacity);
    }

    /// <summary>How many of the bytes count.</summary>
    public int Length { get; set; }

    /// <summary>How many there may be.</summary>
    public int Capacity => capacity;

    /// <summary>All of it.</summary>
    public Memory<byte> Memory => (bytes ?? throw new ObjectDisposedException(nameof(TransferBuffer))).AsMemory(0, capacity);

    /// <summary>What counts.</summary>
    public ReadOnlyMemory<byte> Written => Memory[..Length];

    /// <summary>What is still free.</summary>
    public Memory<byte> Free => Memory[Length..];

    /// <summary>Takes a buffer from a pool.</summary>
    public static TransferBuffer Rent(ArrayPool<byte> pool, int capacity) => new(pool, capacity);

    /// <summary>Gives it back.</summary>
    public void Return()
    {
        var returned = Interlocked.Exchange(ref bytes, null);
        if (returned is not null) pool.Return(returned);
    }

    /// <summary>Gives it back when whatever fills it has ended. That may fail without anybody to tell; looking at the exception says so.</summary>
    public void ReturnWhenEnded(Task filling)
    {
        if (filling.IsCompletedSuccessfully)
        {
            Return();
            return;
        }

        filling.ContinueWith(
            static (ended, buffer) =>
            {
                _ = ended.Exception;
                ((TransferBuffer)buffer!).Return();
            },
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
