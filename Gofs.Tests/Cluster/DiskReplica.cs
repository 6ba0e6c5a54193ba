using System.Globalization;
using Gofs.Chunks;
using Gofs.Silo.ChunkServer.Storage;
using Gofs.Tests.ChunkServers.Storage;
using Gofs.Transport;

namespace Gofs.Tests.Cluster;

/// <summary>A replica as a disk has it, a file or a cell of a pack, to be damaged behind the back of whoever serves it.</summary>
/// <param name="Handle">Of which chunk.</param>
/// <param name="Path">The file it is, or is in.</param>
/// <param name="Parts">Where in it its bytes are, in their order.</param>
/// <param name="IsPacked">Whether other chunks are in the file too.</param>
internal sealed record DiskReplica(ChunkHandle Handle, string Path, (long At, int Bytes)[] Parts, bool IsPacked)
{
    private const int SlotsEnd = ChunkHead.SlotsOffset + ChunkHead.SlotPairBytes;

    /// <summary>Those on the disks below a folder.</summary>
    public static IReadOnlyList<DiskReplica> Below(string folder) =>
    [
        .. Directory.GetFiles(folder, "*.chunk", SearchOption.AllDirectories).Select(Of),
        .. Directory.GetFiles(folder, "*.pack", SearchOption.AllDirectories).SelectMany(InPack),
    ];

    /// <summary>One bit changes.</summary>
    public void Flip(Random random)
    {
        var at = random.NextInt64(Parts.Sum(part => (long)part.Bytes));
        foreach (var part in Parts)
        {
            if (at < part.Bytes)
            {
                Change(part.At + at, 1, bytes => bytes[0] ^= (byte)(1 << random.Next(8)));
                return;
            }

            at -= part.Bytes;
        }
    }

    /// <summary>What is behind a place chosen by chance goes: the file ends there, or the rest of the cell has never been written.</summary>
    public void Cut(Random random)
    {
        var part = Parts[^1];
        var at = random.Next(part.Bytes);
        if (IsPacked) Change(part.At + at, part.Bytes - at, bytes => bytes.AsSpan().Clear());
        else using (var stream = Open()) stream.SetLength(part.At + at);
    }

    /// <summary>The file goes, or the cell is nobody's.</summary>
    public void TakeAway()
    {
        if (IsPacked) Change(Parts[0].At, PackFile.SectorBytes, bytes => bytes.AsSpan().Clear());
        else File.Delete(Path);
    }

    private static DiskReplica Of(string file)
    {
        var handle = ulong.Parse(System.IO.Path.GetFileNameWithoutExtension(file), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new(new(handle), file, [(0, (int)new FileInfo(file).Length)], IsPacked: false);
    }

    private static IEnumerable<DiskReplica> InPack(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var head = new byte[PackFile.PageBytes];
        stream.ReadExactly(head);
        var pack = new byte[PackContent.DataAt(head)];
        stream.Position = 0;
        var read = stream.ReadAtLeast(pack, pack.Length, throwOnEndOfStream: false);
        return PackContent.CellsOf(pack[..read]).Select(cell => new DiskReplica(
            cell.Entry.Handle, path, [(cell.SectorAt, SlotsEnd), (cell.DataAt, cell.Entry.Length)], IsPacked: true));
    }

    private void Change(long at, int count, Action<byte[]> change)
    {
        using var stream = Open();
        var bytes = new byte[count];
        stream.Position = at;
        stream.ReadExactly(bytes);
        change(bytes);
        stream.Position = at;
        stream.Write(bytes);
    }

    private FileStream Open() => new(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}
