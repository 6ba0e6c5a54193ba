using System.Buffers.Binary;
using System.Text;

namespace Gofs.Grains.EditLogs;

/// <summary>
/// Writes a Snapshot as a run of little-endian values, handed on in parts of <see cref="PartBytes"/> (the last is
/// shorter), so that a large state never stands in memory twice. Values cross part borders.
/// </summary>
public sealed class SnapshotWriter
{
    /// <summary>Bytes of a part.</summary>
    public const int PartBytes = 1 << 20;

    private readonly byte[] buffer;
    private readonly Action<ReadOnlyMemory<byte>> part;
    private int used;

    /// <summary>Begins.</summary>
    /// <param name="part">Takes each part; the memory is used again after it returns.</param>
    public SnapshotWriter(Action<ReadOnlyMemory<byte>> part)
        : this(PartBytes, part)
    {
    }

    /// <summary>Begins, with parts of another size.</summary>
    internal SnapshotWriter(int partBytes, Action<ReadOnlyMemory<byte>> part) => (buffer, this.part) = (new byte[partBytes], part);

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value)
    {
        if (used == buffer.Length) HandOn();
        buffer[used++] = value;
    }

    /// <summary>Writes four bytes.</summary>
    public void WriteInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        WriteRaw(bytes);
    }

    /// <summary>Writes eight bytes.</summary>
    public void WriteInt64(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        WriteRaw(bytes);
    }

    /// <summary>Writes sixteen bytes.</summary>
    public void WriteGuid(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes);
        WriteRaw(bytes);
    }

    /// <summary>Writes a length (four bytes) and the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteInt32(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes text as UTF-8, as <see cref="WriteBytes"/> does.</summary>
    public void WriteText(string value) => WriteBytes(Encoding.UTF8.GetBytes(value));

    /// <summary>Writes bytes without a length: the reader must know it.</summary>
    public void WriteRaw(ReadOnlySpan<byte> value)
    {
        while (value.Length > 0)
        {
            if (used == buffer.Length) HandOn();
            var take = Math.Min(value.Length, buffer.Length - used);
            value[..take].CopyTo(buffer.AsSpan(used));
            used += take;
            value = value[take..];
        }
    }

    /// <summary>Hands on what is left. The writer is at its end.</summary>
    public void Complete()
    {
        if (used > 0) HandOn();
    }

    private void HandOn()
    {
        part(buffer.AsMemory(0, used));
        used = 0;
    }
}
