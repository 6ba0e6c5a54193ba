using System.Buffers;
using Gofs.Grains.EditLogs;

namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>
/// Durable records on their way to one standby: copied in by the writer's thread, taken out by the feed. Bounded: when the standby does not
/// keep up, what waits is thrown away, and the standby reads it from the store.
/// </summary>
internal sealed class FeedBuffer(int mostBytes, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<int> lengths = [];
    private readonly ArrayBufferWriter<byte> payloads = new();
    private long first;
    private long last;
    private long oldestAt;

    /// <summary>When the oldest record that waits came; 0 when none does.</summary>
    public long OldestAt
    {
        get
        {
            lock (gate) return lengths.Count == 0 ? 0 : oldestAt;
        }
    }

    /// <summary>Copies records in.</summary>
    public void Add(long firstNumber, RecordBatch records)
    {
        lock (gate)
        {
            if (lengths.Count == 0 || last + 1 != firstNumber || payloads.WrittenCount + records.Bytes > mostBytes) Clear(firstNumber);
            for (var i = 0; i < records.Count; i++)
            {
                var payload = records.Read(i, out _);
                payloads.Write(payload.Span);
                lengths.Add(payload.Length);
            }

            last = firstNumber + records.Count - 1;
        }
    }

    /// <summary>Takes everything out; null when nothing waits.</summary>
    public (long FirstNumber, int[] Lengths, byte[] Payloads)? Take()
    {
        lock (gate)
        {
            if (lengths.Count == 0) return null;
            var taken = (first, lengths.ToArray(), payloads.WrittenSpan.ToArray());
            Clear(last + 1);
            return taken;
        }
    }

    private void Clear(long next)
    {
        (first, last) = (next, next - 1);
        lengths.Clear();
        payloads.ResetWrittenCount();
        oldestAt = time.GetTimestamp();
    }
}
