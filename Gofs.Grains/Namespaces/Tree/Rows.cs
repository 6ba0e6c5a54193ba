using System.Runtime.InteropServices;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces.Tree;

/// <summary>What an inode is, apart from its names. 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct InodeRow
{
    /// <summary>Of a file: the flushed length. Of a symlink: its target's.</summary>
    public long LengthBytes;

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public long ModifiedAt;

    /// <summary>Of a file that was put whole: the chunk its bytes are in, until a writer opens it; otherwise 0.</summary>
    public ulong OnlyChunk;

    /// <summary>Place of (mode, owner, group) in the table of those there are.</summary>
    public int Ownership;

    /// <summary>The entry that leads here plus one; 0 for the root and for what has no name (trash, files not closed yet).</summary>
    public int Entry;

    /// <summary>Names that lead here; 0 says that the row is empty.</summary>
    public int Links;

    /// <summary>Chunk size that goes with <see cref="OnlyChunk"/>, in units of 64 KiB.</summary>
    public ushort ChunkUnits;

    private byte type;

    /// <summary>Of a file: how many replicas of its chunks are wanted. Of a directory: the same of files made in it; 0: as the namespace says then.</summary>
    public byte Goal;

    /// <summary>What it is.</summary>
    public EntryType Type
    {
        readonly get => (EntryType)type;
        set => type = (byte)value;
    }

    /// <summary>Chunk size that goes with <see cref="OnlyChunk"/>.</summary>
    public readonly long ChunkSizeBytes => (long)ChunkUnits << UnitShift;

    private const int UnitShift = 16;

    /// <summary>Sets the chunk and its size, a multiple of 64 KiB up to 1 GiB.</summary>
    public void SetOnlyChunk(ulong chunk, long chunkSizeBytes) => (OnlyChunk, ChunkUnits) = (chunk, (ushort)(chunkSizeBytes >> UnitShift));
}

/// <summary>One name in one directory. 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct EntryRow
{
    private const int LengthShift = 40;

    /// <summary>Where the name's bytes are.</summary>
    public uint Name;

    private long inodeAndLength;

    /// <summary>The directory's inode.</summary>
    public long Parent;

    public EntryRow(uint name, int nameLength, long inode, long parent)
    {
        Name = name;
        inodeAndLength = inode | (long)nameLength << LengthShift;
        Parent = parent;
    }

    /// <summary>The inode the name leads to.</summary>
    public readonly long Inode => inodeAndLength & InodeNumber.MaxValue;

    /// <summary>The name's bytes: 1 to 255.</summary>
    public readonly int NameLength => (int)(inodeAndLength >> LengthShift);
}
