namespace Gofs.Tests.Histories;

/// <summary>What a client asks of a few names, each by its number, with the answer it got. What a name leads to is known by a tag that moves with it.</summary>
internal abstract record NameOp
{
    private NameOp()
    {
    }

    /// <summary>The answer, where it is one word; <see cref="NameAnswer.Done"/> while nobody knows.</summary>
    public NameAnswer Answer { get; init; }

    /// <summary>Puts a file there, whatever was there before.</summary>
    public sealed record Put(int Name, long Tag) : NameOp;

    /// <summary>Makes the name where there is none: compare with nothing, and set.</summary>
    public sealed record Create(int Name, long Tag) : NameOp;

    /// <summary>Gives what is there another tag.</summary>
    public sealed record Mark(int Name, long Tag) : NameOp;

    /// <summary>Moves a name, with <paramref name="Keep"/> only where there is none.</summary>
    public sealed record Move(int From, int To, bool Keep) : NameOp;

    /// <summary>Removes the name.</summary>
    public sealed record Remove(int Name) : NameOp;

    /// <summary>Looks: 0 for nothing there.</summary>
    public sealed record Look(int Name, long Found) : NameOp;

    /// <summary>Lists the names from one on.</summary>
    public sealed record List(int First, Tags Found) : NameOp;
}

/// <summary>How a command ended.</summary>
internal enum NameAnswer
{
    Done,
    NotThere,
    ThereAlready,
}
