using Gofs.Grains.ChunkServers;

namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>
/// What is touched of a chunk while a target copies it. Whoever changes the chunk notes it in the chunk's turn, and it is taken in a turn: so what was
/// taken says of every change that has ended, and a change under way is in the next answer.
/// </summary>
internal sealed class ReplicaSource(long id, OpenChunk chunk, ChunkFile file)
{
    private readonly ChecksumBlockSet touched = new(file.Head.ChunkSizeBytes);
    private volatile bool hasEnded;

    /// <summary>Its name.</summary>
    public long Id => id;

    /// <summary>The chunk, in use as long as this lives.</summary>
    public OpenChunk Chunk => chunk;

    /// <summary>Its file.</summary>
    public ChunkFile File => file;

    /// <summary>Whether changes are not noted any more.</summary>
    public bool HasEnded => hasEnded;

    /// <summary>When nobody has asked for so long it ends.</summary>
    public ITimer? Limit { get; set; }

    /// <summary>These bytes are written or cut. In a turn.</summary>
    public void Touch(long from, long to) => touched.AddBytes(from, to);

    /// <summary>What was touched since this was last called. In a turn.</summary>
    public int[] Take() => touched.TakeAll();

    /// <summary>Changes are not noted any more.</summary>
    public void End() => hasEnded = true;
}
