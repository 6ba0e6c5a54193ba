namespace Gofs.Grains.Files;

/// <summary>
/// Which of the namespace's open flags those had who have the file, so that the last one's close takes away their flag and no other's: whoever opens the
/// file while the close is on its way to the namespace has raised it anew, and will close it himself. Volatile; 0 is a flag that is not known, and taken away
/// whichever it is. Pure.
/// </summary>
public sealed class OpenFlags
{
    private long last;
    private long closed;

    /// <summary>Somebody was refused and will not have the file: those who have it end his flag with theirs.</summary>
    public void Note(long openedAt) => last = Math.Max(last, openedAt);

    /// <summary>
    /// Somebody has the file now. Answers the flag to be raised for him when his own was ended by a close that came between; null: one stands.
    /// </summary>
    public long? Enter(long openedAt)
    {
        var isGone = openedAt != 0 && openedAt <= closed && last <= closed;
        var flag = isGone ? closed + 1 : openedAt;
        Note(flag);
        return isGone ? flag : null;
    }

    /// <summary>All who appended are gone; answers the flag that ends with them.</summary>
    public long Close()
    {
        var ended = last;
        (last, closed) = (0, Math.Max(closed, ended));
        return ended;
    }

    /// <summary>Nobody has the file, as the namespace was told that asked about this flag and ends it.</summary>
    public void Settle(long openedAt) => (last, closed) = (0, Math.Max(closed, openedAt));

    /// <summary>A flag that was to be raised may not have been.</summary>
    public void Doubt(long flag)
    {
        if (last == flag) last = 0;
    }

    /// <summary>The writer is gone, whose flag this was; answers the flag that ends with him.</summary>
    public long Close(long openedAt)
    {
        Note(openedAt);
        var ended = Close();
        return openedAt == 0 ? 0 : ended;
    }
}
