using Gofs.Internal;
using Gofs.Namespaces;

namespace Gofs.Tests.Simulation;

/// <summary>Reads files from end to end, and holds what it is told against what was acknowledged before it began.</summary>
internal sealed class ReadingClient(
    SimChunkCluster cluster, AppendHistory appends, WriteHistory writes, IReadOnlyList<InodeNumber> files, Func<InodeNumber, bool> isAppended, string name)
    : FileClient(cluster, name, 1)
{
    private const int PieceBytes = 16 << 10;

    /// <summary>Reads a file, and checks it; answers its length, and throws when it can't be read.</summary>
    public async Task<long> ReadAsync(InodeNumber file)
    {
        var records = appends.Expect(file);
        var written = writes.Expect(file);
        var planner = new ReadPlanner(Context, Grain(file), PathOf(file));
        await planner.RefreshAsync(0, CancellationToken.None);
        var length = planner.LengthBytes;
        if (isAppended(file)) appends.CheckLength(file, records, length);
        else writes.CheckLength(file, written, length);
        var bytes = new byte[PieceBytes];
        for (var offset = 0L; offset < length;)
        {
            var piece = bytes.AsMemory(0, Math.Min(PieceBytes, planner.TransferBytesAt(offset, length)));
            var count = await planner.ReadTransferAsync(offset, piece, CancellationToken.None);
            if (isAppended(file)) appends.CheckBytes(file, records, offset, piece.Span[..count]);
            else writes.CheckBytes(file, written, offset, piece.Span[..count]);
            if (count < piece.Length) break;
            offset += count;
        }

        return length;
    }

    protected override async Task UseAsync()
    {
        var file = World.One(files);
        await ReadAsync(file);
        Process.Note($"has read file {file.Value}");
        Done++;
    }
}
