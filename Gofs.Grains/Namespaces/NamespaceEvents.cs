using System.Globalization;
using System.Text;
using Gofs.Chunks;
using Gofs.Cluster;
using Gofs.Namespaces;
using Orleans;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// Something that happened to a namespace's tree. It names inodes, not paths: whatever a command had to look up or ask a clock for is
/// in the event, so that replay needs nothing else.
/// </summary>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns")]
public abstract record NamespaceEvent
{
    /// <summary>When, in nanoseconds since 1970 UTC; null where it does not matter.</summary>
    public virtual long? HappenedAt => null;

    /// <summary>What happened, in one word.</summary>
    public virtual string Kind => GetType().Name;

    /// <summary>Who asked for it; null where that is not recorded.</summary>
    public virtual Caller? AskedBy => null;

    /// <summary>One line for a person.</summary>
    public abstract string Describe();

    private protected static string Text(byte[] name) => Encoding.UTF8.GetString(name);

    private protected static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The namespace begins: its root directory.</summary>
/// <param name="Number">The namespace's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Config">Its settings.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.created")]
public sealed record NamespaceCreated(
    [property: Id(0)] int Number, [property: Id(1)] string Name, [property: Id(2)] NamespaceConfig Config, [property: Id(3)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"namespace {Name}, number {Number}");
}

/// <summary>The settings changed.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Config">The settings now.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.config-set")]
public sealed record ConfigSet([property: Id(0)] OpId OpId, [property: Id(1)] NamespaceConfig Config) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Config.ToString();
}

/// <summary>
/// A command that had been asked before did nothing, and does nothing whenever that first asking arrives: it was refused, or there was nothing to do.
/// </summary>
/// <param name="OpId">The command.</param>
/// <param name="Result">What it answered, or the refusal (<see cref="OpResults.Of"/>).</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.nothing-done")]
public sealed record NothingDone([property: Id(0)] OpId OpId, [property: Id(1)] long Result) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Result < 0 ? Line($"command {OpId}: refused, {(GofsError)~Result}") : Line($"command {OpId}: nothing to do");
}

/// <summary>A file was made and opened for writing.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Parent">The directory.</param>
/// <param name="Name">Its name there; of an atomic one the name it will have.</param>
/// <param name="Inode">The new inode.</param>
/// <param name="Ownership">Mode, owner and group.</param>
/// <param name="Atomic">Whether it gets its name only when it is closed.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.file-created")]
public sealed record FileCreated(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Parent, [property: Id(2)] byte[] Name, [property: Id(3)] long Inode,
    [property: Id(4)] Ownership Ownership, [property: Id(5)] bool Atomic, [property: Id(6)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"{Text(Name)} in {Parent}: inode {Inode}{(Atomic ? ", named when closed" : "")}");
}

/// <summary>A whole file was put: its bytes are in one chunk, which the chunk table has yet to be told of.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Parent">The directory.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Inode">The new inode.</param>
/// <param name="Ownership">Mode, owner and group.</param>
/// <param name="Chunk">The chunk; none for an empty file.</param>
/// <param name="ChunkSizeBytes">The file's chunk size; 0 for an empty file.</param>
/// <param name="LengthBytes">Its length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="TrashId">Where a file goes that it replaces; 0: it is removed for ever.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.file-put")]
public sealed record FilePut(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Parent, [property: Id(2)] byte[] Name, [property: Id(3)] long Inode,
    [property: Id(4)] Ownership Ownership, [property: Id(5)] ChunkHandle Chunk, [property: Id(6)] long ChunkSizeBytes,
    [property: Id(7)] long LengthBytes, [property: Id(8)] long ModifiedAt, [property: Id(9)] long TrashId, [property: Id(10)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"{Text(Name)} in {Parent}: inode {Inode}, {LengthBytes} bytes in chunk {Chunk}");
}

/// <summary>The chunk table has logged that files put whole refer to these chunks.</summary>
/// <param name="Chunks">The chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.chunks-confirmed")]
public sealed record OnlyChunksConfirmed([property: Id(0)] ChunkHandle[] Chunks) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Chunks.Length} chunks");
}

/// <summary>The chunk table has logged that nothing refers to these chunks any more: their files were put whole and are gone.</summary>
/// <param name="Chunks">The chunks.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.chunks-released")]
public sealed record OnlyChunksReleased([property: Id(0)] ChunkHandle[] Chunks) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Chunks.Length} chunks");
}

/// <summary>A file that was there was opened for writing.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Inode">The file.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.file-opened")]
public sealed record FileOpened([property: Id(0)] OpId OpId, [property: Id(1)] long Inode, [property: Id(2)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"inode {Inode}");
}

/// <summary>A file's length as of a flush arrived, and perhaps its close, which gives an atomic file its name.</summary>
/// <param name="Inode">The file.</param>
/// <param name="LengthBytes">The length.</param>
/// <param name="ModifiedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="Closed">Whether its writer is done.</param>
/// <param name="TrashId">Where a file goes that an atomic one replaces; 0: it is removed for ever.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.length-flushed")]
public sealed record LengthFlushed(
    [property: Id(0)] long Inode, [property: Id(1)] long LengthBytes, [property: Id(2)] long ModifiedAt, [property: Id(3)] bool Closed,
    [property: Id(4)] long TrashId, [property: Id(5)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"inode {Inode}: {LengthBytes} bytes{(Closed ? ", closed" : "")}");
}

/// <summary>An atomic file whose writer died before closing it is given up.</summary>
/// <param name="Inode">The file.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.file-abandoned")]
public sealed record FileAbandoned([property: Id(0)] long Inode) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"inode {Inode}");
}

/// <summary>Directories were made, each in the one before.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Parent">Where the first is.</param>
/// <param name="Names">Their names.</param>
/// <param name="FirstInode">The first's inode; the others' follow.</param>
/// <param name="Ownership">Of each.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.directories-made")]
public sealed record DirectoriesMade(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Parent, [property: Id(2)] byte[][] Names, [property: Id(3)] long FirstInode,
    [property: Id(4)] Ownership Ownership, [property: Id(5)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"{string.Join('/', Names.Select(Text))} in {Parent}: inode {FirstInode}");
}

/// <summary>A symlink was made.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Parent">The directory.</param>
/// <param name="Name">Its name.</param>
/// <param name="Inode">Its inode.</param>
/// <param name="Target">What it says.</param>
/// <param name="Ownership">Mode, owner and group.</param>
/// <param name="ModifiedAt">Its modification time.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.symlink-made")]
public sealed record SymlinkMade(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Parent, [property: Id(2)] byte[] Name, [property: Id(3)] long Inode,
    [property: Id(4)] byte[] Target, [property: Id(5)] Ownership Ownership, [property: Id(6)] long ModifiedAt, [property: Id(7)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"{Text(Name)} in {Parent}: inode {Inode} to {Text(Target)}");
}

/// <summary>A name moved.</summary>
/// <param name="OpId">The command.</param>
/// <param name="FromParent">From which directory.</param>
/// <param name="FromName">From which name.</param>
/// <param name="ToParent">To which directory.</param>
/// <param name="ToName">To which name.</param>
/// <param name="TrashId">Where a replaced file goes; 0: it is removed for ever.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.renamed")]
public sealed record Renamed(
    [property: Id(0)] OpId OpId, [property: Id(1)] long FromParent, [property: Id(2)] byte[] FromName, [property: Id(3)] long ToParent,
    [property: Id(4)] byte[] ToName, [property: Id(5)] long TrashId, [property: Id(6)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"{Text(FromName)} in {FromParent} to {Text(ToName)} in {ToParent}");
}

/// <summary>A name, with all below it, was removed.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Parent">The directory.</param>
/// <param name="Name">The name.</param>
/// <param name="TrashId">Its place in the trash; 0: it is removed for ever.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.removed")]
public sealed record Removed(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Parent, [property: Id(2)] byte[] Name, [property: Id(3)] long TrashId,
    [property: Id(4)] long At) : NamespaceEvent
{
    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() => Line($"{Text(Name)} in {Parent}{(TrashId == 0 ? ", for ever" : $", trash {TrashId}")}");
}

/// <summary>Attributes changed; what is null stayed.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Inode">Of what.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Owner">User id.</param>
/// <param name="Group">Group id.</param>
/// <param name="ModifiedAt">Modification time.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.attributes-set")]
public sealed record AttributesSet(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Inode, [property: Id(2)] int? Mode, [property: Id(3)] uint? Owner,
    [property: Id(4)] uint? Group, [property: Id(5)] long? ModifiedAt) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"inode {Inode}: mode {Mode}, owner {Owner}, group {Group}, modified {ModifiedAt}");
}

/// <summary>An extended attribute was set or removed.</summary>
/// <param name="OpId">The command.</param>
/// <param name="Inode">Of what.</param>
/// <param name="Name">Which.</param>
/// <param name="Value">Its value; null removes it.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.xattr-set")]
public sealed record ExtendedAttributeSet(
    [property: Id(0)] OpId OpId, [property: Id(1)] long Inode, [property: Id(2)] string Name, [property: Id(3)] byte[]? Value) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"inode {Inode}: {Name} {(Value is null ? "removed" : $"= {Value.Length} bytes")}");
}

/// <summary>A trash item was put back.</summary>
/// <param name="OpId">The command.</param>
/// <param name="TrashId">Which.</param>
/// <param name="Parent">Into which directory.</param>
/// <param name="Name">Under which name.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.restored")]
public sealed record TrashRestored(
    [property: Id(0)] OpId OpId, [property: Id(1)] long TrashId, [property: Id(2)] long Parent, [property: Id(3)] byte[] Name,
    [property: Id(4)] long At) : NamespaceEvent
{
    /// <summary>Where what was there goes; 0: it is removed for ever, if there was anything.</summary>
    [Id(5)] public long ReplacedTrashId { get; init; }

    /// <inheritdoc/>
    public override long? HappenedAt => At;

    /// <inheritdoc/>
    public override string Describe() =>
        Line($"trash {TrashId} as {Text(Name)} in {Parent}{(ReplacedTrashId == 0 ? "" : $", what was there is trash {ReplacedTrashId}")}");
}

/// <summary>Trash items are removed for ever: their inodes are given up step by step from now on.</summary>
/// <param name="OpId">The command, or null when their time was over.</param>
/// <param name="TrashIds">Which.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.purged")]
public sealed record TrashPurged([property: Id(0)] OpId? OpId, [property: Id(1)] long[] TrashIds) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"trash {string.Join(", ", TrashIds)}");
}

/// <summary>One step of giving up removed inodes: so many of them, in the order the state has them.</summary>
/// <param name="Limit">The most.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.inodes-given-up")]
public sealed record InodesGivenUp([property: Id(0)] int Limit) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"up to {Limit}");
}

/// <summary>File grains acknowledged that their files are gone: their chunks are released.</summary>
/// <param name="Inodes">The files.</param>
[GenerateSerializer, Immutable, Alias("gofs.ev.ns.files-released")]
public sealed record FilesReleased([property: Id(0)] long[] Inodes) : NamespaceEvent
{
    /// <inheritdoc/>
    public override string Describe() => Line($"{Inodes.Length} files");
}
