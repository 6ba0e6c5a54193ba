using System.Buffers.Binary;
using Gofs.Namespaces;

namespace Gofs.Tests.Simulation;

/// <summary>
/// What writers wrote to files, cell by cell: each write of a cell is a generation, that of a later lease above all of an earlier. What must not be ends the
/// run: a cell that reads as a generation before the one flushed when the reader began, as one that nobody wrote, or as a mixture. A cell that was cut off
/// reads as nothing, or as what was written since; whoever reads while the file is cut may be shown either.
/// </summary>
internal sealed class WriteHistory(SimWorld world)
{
    public const int CellBytes = 1024;
    private const int HeadBytes = 24;
    private readonly SortedDictionary<(long File, long Cell), (long Flushed, HashSet<long> Sent)> cells = [];
    private readonly SortedDictionary<long, long> lengths = [];
    private readonly SortedDictionary<long, int> cuts = [];
    private readonly SortedDictionary<long, long> lastToCut = [];
    private long sessions;
    private long counter;

    /// <summary>How many flushes were acknowledged.</summary>
    public int Flushes { get; private set; }

    /// <summary>A writer has a lease.</summary>
    public Session Begin(InodeNumber file, long length) => new(file.Value, ++sessions, length);

    /// <summary>A writer writes cells; answers their bytes.</summary>
    public byte[] Send(Session session, long first, int count)
    {
        var bytes = new byte[count * CellBytes];
        for (var i = 0; i < count; i++)
        {
            var (key, generation) = ((session.File, first + i), (session.Number << 24) + ++counter);
            if (!cells.TryGetValue(key, out var cell)) cells[key] = cell = (0, []);
            cell.Sent.Add(generation);
            session.Unflushed[first + i] = generation;
            Fill(bytes.AsSpan(i * CellBytes, CellBytes), session.File, first + i, generation);
        }

        session.LengthBytes = Math.Max(session.LengthBytes, (first + count) * CellBytes);
        return bytes;
    }

    /// <summary>A flush was acknowledged.</summary>
    public void Flushed(Session session)
    {
        Flushes++;
        // The answer came late: the next one has cut the file since.
        if (lastToCut.GetValueOrDefault(session.File) > session.Number) return;
        foreach (var (index, generation) in session.Unflushed)
        {
            var cell = cells[(session.File, index)];
            if (generation > cell.Flushed) cells[(session.File, index)] = (generation, cell.Sent);
        }

        session.Unflushed.Clear();
        lengths[session.File] = Math.Max(LengthOf(session.File), session.LengthBytes);
    }

    /// <summary>A writer asks for the file to be cut to so many cells; whether it will be is not known.</summary>
    public void Cutting(Session session, long count)
    {
        cuts[session.File] = CutsOf(session.File) + 1;
        lastToCut[session.File] = session.Number;
        lengths[session.File] = Math.Min(LengthOf(session.File), count * CellBytes);
        foreach (var key in Behind(session.File, count)) cells[key] = (0, cells[key].Sent);
    }

    /// <summary>The cut was acknowledged, and so is what was written before it.</summary>
    public void Cut(Session session, long count)
    {
        foreach (var index in session.Unflushed.Keys.Where(index => index >= count).ToArray()) session.Unflushed.Remove(index);
        session.LengthBytes = count * CellBytes;
        Flushed(session);
        cuts[session.File]++;
        foreach (var key in Behind(session.File, count)) cells.Remove(key);
    }

    /// <summary>What a reader that begins now must be shown at least, unless the file is cut meanwhile.</summary>
    public Expected Expect(InodeNumber file) => new(
        LengthOf(file.Value), cells.Where(one => one.Key.File == file.Value).ToDictionary(one => one.Key.Cell, one => one.Value.Flushed), CutsOf(file.Value));

    /// <summary>A reader was given bytes from a place on, which is a cell's beginning.</summary>
    public void CheckBytes(InodeNumber file, Expected expected, long offset, ReadOnlySpan<byte> bytes, string where = "")
    {
        if (CutsOf(file.Value) != expected.Cuts) return;
        Span<byte> whole = stackalloc byte[CellBytes];
        for (var at = 0; at < bytes.Length; at += CellBytes)
        {
            var index = (offset + at) / CellBytes;
            var read = bytes[at..Math.Min(bytes.Length, at + CellBytes)];
            var flushed = expected.Cells.GetValueOrDefault(index);
            if (!read.ContainsAnyExcept((byte)0) && flushed == 0) continue;
            var generation = read.Length < HeadBytes ? 0 : BinaryPrimitives.ReadInt64LittleEndian(read[16..]);
            Fill(whole, file.Value, index, generation);
            if (!read.SequenceEqual(whole[..read.Length]) || !cells.TryGetValue((file.Value, index), out var cell) || !cell.Sent.Contains(generation))
                world.Wrong($"file {file.Value}: cell {index}{where} reads as nobody wrote it: {Describe(read, whole[..read.Length], generation)}");
            else if (generation < flushed)
                world.Wrong($"file {file.Value}: cell {index}{where} reads as {Name(generation)}, though {Name(flushed)} was flushed");
            else
                continue;
            return;
        }
    }

    /// <summary>A reader, or the next writer, was told how long the file is.</summary>
    public void CheckLength(InodeNumber file, Expected expected, long length)
    {
        if (length < expected.LengthBytes && CutsOf(file.Value) == expected.Cuts)
            world.Wrong($"file {file.Value} has {length} bytes, though {expected.LengthBytes} were flushed");
    }

    private static string Describe(ReadOnlySpan<byte> read, ReadOnlySpan<byte> whole, long generation)
    {
        var same = read.CommonPrefixLength(whole);
        return same == read.Length ? $"all {same} bytes of {Name(generation)}" : $"{same} bytes of {Name(generation)}, then {read[same]} and not {whole[same]}";
    }

    private static string Name(long generation) => $"{generation >> 24}.{generation & 0xFFFFFF}";

    private static void Fill(Span<byte> bytes, long file, long cell, long generation)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, file);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], cell);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], generation);
        for (var i = HeadBytes; i < bytes.Length; i++) bytes[i] = (byte)(1 + ((generation + (cell * 7) + i) % 255));
    }

    private long LengthOf(long file) => lengths.GetValueOrDefault(file);

    private int CutsOf(long file) => cuts.GetValueOrDefault(file);

    private (long File, long Cell)[] Behind(long file, long count) => [.. cells.Keys.Where(key => key.File == file && key.Cell >= count)];

    /// <summary>What a reader must be shown at least: the length, and which generation of each cell.</summary>
    internal sealed record Expected(long LengthBytes, IReadOnlyDictionary<long, long> Cells, int Cuts);

    /// <summary>What one writer does under one lease.</summary>
    internal sealed class Session(long file, long number, long length)
    {
        public long File => file;

        public long Number => number;

        public long LengthBytes { get; set; } = length;

        /// <summary>The last generation of each cell that was written since the last flush.</summary>
        public SortedDictionary<long, long> Unflushed { get; } = [];
    }
}
