using System.Buffers;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>A pool that knows what is out, never gives the same array twice, and refuses what is not its own or comes back a second time.</summary>
internal sealed class CountingPool : ArrayPool<byte>
{
    private readonly Lock gate = new();
    private readonly HashSet<byte[]> rented = new(ReferenceEqualityComparer.Instance);

    /// <summary>Arrays that are out.</summary>
    public int Out
    {
        get
        {
            lock (gate) return rented.Count;
        }
    }

    public override byte[] Rent(int minimumLength)
    {
        var array = new byte[minimumLength];
        lock (gate) rented.Add(array);
        return array;
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        lock (gate)
        {
            if (!rented.Remove(array)) throw new InvalidOperationException("an array was returned twice, or is not of this pool");
        }

        // Whoever still looks at it sees that it is no longer its own.
        array.AsSpan().Fill(0xDD);
    }
}
