using System.Text;
using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Transport;
using Xunit;

namespace Gofs.Tests.ChunkServers.Storage;

/// <summary>
/// The bytes on a disk, as released: disks outlive programs. When one of these fails the format has changed; then it needs a new version, a reader
/// of the old, and a test beside this one, which stays.
/// </summary>
public sealed class GoldenBytesTests
{
    private const string Head =
        "474f465343484e4b010000000000010005040302010203000700000000500000"
        + "000000040000000000000000000000000000000000000000000000002dace0be";

    private const string Record =
        "474a523101010100010203040506070805040302010203000700000050000000"
        + "0000000400000000001000000000000008000000bebafeca00000000af4c1ce3"
        + "08100000887766553132333435363738";

    private const string ChunkFile =
        "4115 0:474f465343484e4b0100000000000100 16:05000000000201000100000000100000 32:000010000000000000000"
        + "00000000000 48:000000000000000000000000a02d7d44 128:13000000d3ef55330000000000000000 4096:7468652071"
        + "7569636b2062726f776e20 4112:666f78";

    private const string JournalFile =
        "262144 0:474f46534a524e4c0100000000000000 16:01000000000000000000000000000000 48:0000000000000000000"
        + "00000ccf41515 4096:474a5231010101000100000000000000 4112:05000000000201000100000000100000 4128:00001"
        + "000000000000000000000000000 4144:13000000d3ef553300000000ae75e84b 4160:13000000d3ef55337468652071756"
        + "963 4176:6b2062726f776e20666f780000000000";

    private const string Pack =
        "8211 0:474f46535041434b0100000000100000 16:08000000002000000000000000000000 48:00000000000000000000"
        + "0000bdee347e 4096:474f465343484e4b0100000000000100 4112:05000000000201000100000000100000 4128:00001"
        + "000000000000000000000000000 4144:000000000000000000000000a02d7d44 4160:47504b4501000000050000000002"
        + "0100 4176:00100000130000000000000000000000 4208:000000000000000000000000f525f98f 4224:13000000d3ef5"
        + "5330000000000000000 8192:74686520717569636b2062726f776e20 8208:666f78";

    private static readonly ChunkHandle Handle = ChunkHandle.Create(3, 2, 0x0102030405);

    [Fact]
    public void ChunkHead_Version1() => Assert.Equal(Head, Hex(Format(64, new ChunkHead(Handle, new(7), 64 << 20).Format)));

    [Fact]
    public void ChunkHead_Parsed_IsWhatWasFormatted()
    {
        Assert.True(ChunkHead.TryParse(Convert.FromHexString(Head), out var head));
        Assert.Equal(new ChunkHead(Handle, new(7), 64 << 20), head);
    }

    [Fact]
    public void Slots_FlushedAndDirty()
    {
        var slots = BlockSlots.Of(new(4096, 0x11223344), 0);
        Assert.Equal("00100000443322110000000000000000", Hex(Format(16, slots.Format)));
        slots.Grow(new(65536, 0xAABBCCDD));
        Assert.Equal("001000004433221100000100ddccbbaa", Hex(Format(16, slots.Format)));
        slots.SetFlushed();
        Assert.Equal("000000000000000000000100ddccbbaa", Hex(Format(16, slots.Format)));
    }

    [Fact]
    public void JournalRecord_Version1()
    {
        var record = new JournalRecord(JournalKind.Write, Creates: true, 0x0807060504030201, Handle, new(7), 64 << 20, 4096, 8, 0xCAFEBABE);
        var bytes = new byte[80];
        Assert.Equal(72, record.Format(bytes, [new(4104, 0x55667788)], span: 80));
        "12345678"u8.CopyTo(bytes.AsSpan(72));
        Assert.Equal(Record, Hex(bytes));
        Span<SlotValue> slots = stackalloc SlotValue[JournalRecord.MostSlots];
        Assert.True(JournalRecord.TryParse(bytes, record.Sequence, slots, out var parsed, out var count, out var span));
        Assert.Equal((record, 1, 80), (parsed, count, span));
    }

    [Fact]
    public void SmallChunk_WrittenDurably_IsThisFileAndThisJournal()
    {
        var disk = new SimulatedDisk();
        using var host = new StoreHost(disk);
        host.Write(5, "the quick brown fox"u8.ToArray());
        Assert.Equal(ChunkFile, Runs(disk.Content("chunks/05/0001020000000005.chunk")));
        Assert.Equal(JournalFile, Runs(disk.Content("journal-0")));
    }

    [Fact]
    public void SmallChunk_InAPack_IsThisCell()
    {
        var disk = new SimulatedDisk();
        using var host = PackHost.WithAPack(disk, cells: 8);
        host.Write(5, "the quick brown fox"u8.ToArray());
        Assert.Equal(Pack, Runs(disk.Content(PackHost.FirstPack)));
    }

    private delegate void Formatter(Span<byte> into);

    private static byte[] Format(int count, Formatter format)
    {
        var bytes = new byte[count];
        format(bytes);
        return bytes;
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes).ToLowerInvariant();

    // Length, then every 16 bytes that are not zeros, with their offset.
    private static string Runs(byte[] bytes)
    {
        var text = new StringBuilder().Append(bytes.Length);
        for (var at = 0; at < bytes.Length; at += 16)
        {
            var part = bytes.AsSpan(at, Math.Min(16, bytes.Length - at));
            if (part.ContainsAnyExcept((byte)0)) text.Append($" {at}:{Hex(part)}");
        }

        return text.ToString();
    }
}
