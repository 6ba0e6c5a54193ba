namespace Gofs.Grains.Namespaces;

/// <summary>What a namespace's master is asked for, as its figures count it.</summary>
internal enum NamespaceOperation
{
    /// <summary>A path was looked up.</summary>
    Lookup,

    /// <summary>A page of a directory was listed.</summary>
    List,

    /// <summary>A file was opened for writing, and made where there was none.</summary>
    Open,

    /// <summary>A file was put whole.</summary>
    Put,

    /// <summary>A writer told a file's length.</summary>
    Flush,

    /// <summary>A directory was made.</summary>
    MakeDirectory,

    /// <summary>A symlink was made.</summary>
    MakeSymlink,

    /// <summary>Something was renamed.</summary>
    Rename,

    /// <summary>Something was removed.</summary>
    Remove,

    /// <summary>Attributes were set, extended ones too.</summary>
    SetAttributes,
}

/// <summary>A standby as its master's figures show it.</summary>
/// <param name="Silo">Where it is.</param>
/// <param name="Lag">For how long the oldest record it does not have has been durable.</param>
/// <param name="Behind">Records it does not have.</param>
internal readonly record struct StandbyFigure(string Silo, TimeSpan Lag, long Behind);

/// <summary>How a namespace is, as of a second ago.</summary>
internal sealed record NamespaceStanding(long Names, long LengthBytes, long OpenFiles, long TrashItems, long EditLogNumber, long SnapshotNumber)
{
    /// <summary>Its standbys.</summary>
    public IReadOnlyList<StandbyFigure> Standbys { get; init; } = [];
}

/// <summary>
/// The figures of one namespace's master on this silo: its turns count, and once a second it says how it stands; whoever reads does not disturb it. They end
/// with the master: its next one counts from 0.
/// </summary>
internal sealed class NamespaceFigures(string name)
{
    private static readonly int Operations = Enum.GetValues<NamespaceOperation>().Length;
    private readonly long[] done = new long[Operations];
    private readonly long[] refused = new long[Operations];
    private volatile NamespaceStanding? standing;

    /// <summary>The namespace.</summary>
    public string Name { get; } = name;

    /// <summary>How it stands; null before it has said so.</summary>
    public NamespaceStanding? Standing
    {
        get => standing;
        set => standing = value;
    }

    /// <summary>All operations.</summary>
    public long All => done.Sum();

    /// <summary>Operations of a kind, refused ones among them.</summary>
    public long Done(NamespaceOperation operation) => Volatile.Read(ref done[(int)operation]);

    /// <summary>Operations of a kind that were refused.</summary>
    public long Refused(NamespaceOperation operation) => Volatile.Read(ref refused[(int)operation]);

    /// <summary>Counts one. On the master's turns only, so nobody else writes.</summary>
    public void Count(NamespaceOperation operation) => Volatile.Write(ref done[(int)operation], done[(int)operation] + 1);

    /// <summary>Counts a refusal, as <see cref="Count"/>.</summary>
    public void CountRefused(NamespaceOperation operation) => Volatile.Write(ref refused[(int)operation], refused[(int)operation] + 1);
}
