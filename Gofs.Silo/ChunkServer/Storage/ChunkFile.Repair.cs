using Gofs.Transport;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Checksum blocks whose bytes have rotted, and what is put in their place.</summary>
internal sealed partial class ChunkFile
{
    /// <summary>Under this key a failure's data say which checksum block of its chunk is bad.</summary>
    public const string BadIndexKey = "gofs.bad-checksum-block";

    /// <summary>How many bytes of a checksum block are the chunk's; 0: it is past the end.</summary>
    public int LengthOf(int index) => index >= 0 && index < blockCount ? blocks[index].Now.Length : 0;

    /// <summary>
    /// Puts bytes in the place of a bad checksum block. In a turn. False: it is right, or they are not what its CRC says. By then a writer may have
    /// written all of it anew; one that wanted to write a part of it was refused. They may be fewer: it was appended to since, and what is behind
    /// them is its own.
    /// </summary>
    public async Task<bool> RepairAsync(int index, ReadOnlyMemory<byte> data)
    {
        var slot = index < blockCount ? blocks[index].Now : default;
        if (data.Length == 0 || data.Length > slot.Length || IsRight(file, index)) return false;
        data = WithOwnEnd(index, data, slot.Length);
        if (data.Length != slot.Length || Crc32C.Compute(data.Span) != slot.Crc) return false;
        await OverwriteAsync((long)index * BlockBytes, data);
        return true;
    }

    private ReadOnlyMemory<byte> WithOwnEnd(int index, ReadOnlyMemory<byte> data, int length)
    {
        if (data.Length == length) return data;
        var whole = new byte[length];
        var read = file.Read(whole, DataAt(index));
        data.Span.CopyTo(whole);
        return read == length ? whole : data;
    }

    /// <summary>Whether a checksum block is not as its CRC says. In a turn.</summary>
    public bool IsBad(int index) => index < blockCount && !IsRight(file, index);

    private static GofsException Bad(int index, string what, Gofs.Chunks.ChunkHandle handle) =>
        new(GofsError.Corrupt, what, handle.ToString()) { Data = { [BadIndexKey] = index } };
}
