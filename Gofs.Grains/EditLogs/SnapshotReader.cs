using System.Buffers.Binary;
using System.Text;

namespace Gofs.Grains.EditLogs;

/// <summary>Reads what <see cref="SnapshotWriter"/> wrote. Every length is checked before it is trusted.</summary>
/// <param name="parts">The parts in order; pulled one at a time, each used until the next is pulled.</param>
public sealed class SnapshotReader(IEnumerable<ReadOnlyMemory<byte>> parts) : IDisposable
{
    private readonly IEnumerator<ReadOnlyMemory<byte>> source = parts.GetEnumerator();
    private ReadOnlyMemory<byte> current;

    /// <summary>Whether everything was read.</summary>
    public bool AtEnd => current.Length == 0 && !Pull();

    /// <summary>Reads one byte.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.EditLogCorrupt"/>: there is none. So do all the others.</exception>
    public byte ReadByte()
    {
        if (AtEnd) throw Short();
        var value = current.Span[0];
        current = current[1..];
        return value;
    }

    /// <summary>Reads four bytes.</summary>
    public int ReadInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        ReadRaw(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    /// <summary>Reads eight bytes.</summary>
    public long ReadInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        ReadRaw(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>Reads sixteen bytes.</summary>
    public Guid ReadGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        ReadRaw(bytes);
        return new(bytes);
    }

    /// <summary>Reads a number of things that follow; one above <paramref name="max"/> is refused.</summary>
    public int ReadCount(int max)
    {
        var count = ReadInt32();
        if (count < 0 || count > max)
            throw new GofsException(GofsError.EditLogCorrupt, $"a Snapshot says {count} things follow where at most {max} can");
        return count;
    }

    /// <summary>Reads a length and the bytes; a length above <paramref name="maxBytes"/> is refused.</summary>
    public byte[] ReadBytes(int maxBytes)
    {
        var value = new byte[ReadCount(maxBytes)];
        ReadRaw(value);
        return value;
    }

    /// <summary>Reads UTF-8 text of at most <paramref name="maxBytes"/>.</summary>
    public string ReadText(int maxBytes) => Encoding.UTF8.GetString(ReadBytes(maxBytes));

    /// <summary>Fills <paramref name="destination"/>.</summary>
    public void ReadRaw(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (AtEnd) throw Short();
            var take = Math.Min(destination.Length, current.Length);
            current.Span[..take].CopyTo(destination);
            current = current[take..];
            destination = destination[take..];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    private bool Pull()
    {
        while (source.MoveNext())
        {
            current = source.Current;
            if (current.Length > 0) return true;
        }

        return false;
    }

    private static GofsException Short() => new(GofsError.EditLogCorrupt, "a Snapshot ends too early");
}
