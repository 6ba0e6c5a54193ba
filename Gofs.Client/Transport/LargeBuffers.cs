using System.Buffers;
using System.Numerics;

namespace Gofs.Transport;

/// <summary>
/// The pool of buffers of 64 KiB to 1 MiB that bytes of chunks pass through. Why not the runtime's: arrays of that size are on the heap of large
/// objects, the runtime's pool gives them up with every full collection, and what is allocated anew brings the next one on: a silo with many streams
/// paused for tenths of a second. These stay. They are pinned, in a heap of their own, which is never compacted, and a socket needs no handle to
/// hold them in place.
/// <para>
/// Sizes go by powers of two, and at most <see cref="MostIdle"/> of each size are kept, 124 MiB in all; what comes back beyond that goes to the
/// collector. A buffer has one owner, who returns it once. Who can't know whether somebody still reads it doesn't return it: then it is the
/// collector's too. Smaller and larger arrays are the runtime's pool's.
/// </para>
/// </summary>
internal sealed class LargeBuffers : ArrayPool<byte>
{
    /// <summary>The smallest size that is kept, in bytes.</summary>
    public const int LeastBytes = 64 << 10;

    /// <summary>The largest.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>How many of a size are kept while nobody has them.</summary>
    public const int MostIdle = 64;

    private readonly Size[] sizes = [.. Enumerable.Range(0, Place(MostBytes) + 1).Select(place => new Size(LeastBytes << place))];

    /// <summary>The process's.</summary>
    public static new LargeBuffers Shared { get; } = new();

    /// <summary>
    /// Allocates as many as are kept, for a process that will need them: what is allocated while streams begin brings on full collections. They take
    /// addresses only; memory when they are first written to.
    /// </summary>
    public void Fill() => Array.ForEach(sizes, size => size.Fill());

    /// <summary>Takes one; it is the caller's until he returns it. What is in it is anybody's guess.</summary>
    /// <param name="minimumLength">How many bytes it has at least.</param>
    public override byte[] Rent(int minimumLength) =>
        minimumLength is > LeastBytes / 2 and <= MostBytes ? sizes[Place(minimumLength)].Take() : ArrayPool<byte>.Shared.Rent(minimumLength);

    /// <summary>Gives one back.</summary>
    /// <exception cref="InvalidOperationException">It was given back already.</exception>
    /// <exception cref="ArgumentException">It is of no pool.</exception>
    public override void Return(byte[] array, bool clearArray = false)
    {
        if (array.Length is < LeastBytes or > MostBytes)
        {
            ArrayPool<byte>.Shared.Return(array, clearArray);
            return;
        }

        if (!BitOperations.IsPow2(array.Length)) throw new ArgumentException($"an array of {array.Length} bytes is of no pool", nameof(array));
        if (clearArray) Array.Clear(array);
        sizes[Place(array.Length)].Put(array);
    }

    // 0 for up to 64 KiB, 1 for up to 128 KiB, ...
    private static int Place(int bytes) => BitOperations.Log2((uint)(bytes - 1) / (LeastBytes / 2));

    // The last that came back goes out first: it is the one the caches have.
    private sealed class Size(int bytes)
    {
        private readonly Lock gate = new();
        private readonly byte[][] idle = new byte[MostIdle][];
        private int count;

        public byte[] Take()
        {
            lock (gate)
            {
                if (count > 0) return idle[--count];
            }

            return GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        }

        public void Fill()
        {
            lock (gate)
            {
                // Those that were used go out first.
                var (used, had) = (idle[..count], count);
                for (count = 0; count < MostIdle - had; count++) idle[count] = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
                foreach (var array in used) idle[count++] = array;
            }
        }

        public void Put(byte[] array)
        {
            lock (gate)
            {
                if (idle.AsSpan(0, count).Contains(array)) throw new InvalidOperationException("a buffer was returned twice");
                if (count < MostIdle) idle[count++] = array;
            }
        }
    }
}
