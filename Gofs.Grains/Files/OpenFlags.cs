namespace Gofs.Grains.Files;

/// <summary>
/// Which of the namespace's open flags those had who have the file, so that the last one's close takes away their flag and no other's: whoever opens the
/// file while the close is on its way to the namespace has raised it anew, and will close it himself. Volatile; 0 is a flag that is not known, and taken away
/// whichever it is. Pure.
/// </summary>
public sealed class OpenFlags
{
    private long last;

    /// <summary>Somebody has the file now, or was refused and will not have it: nobody else ends his flag.</summary>
    public void Note(long openedAt) => last = Math.Max(last, openedAt);

    /// <summary>All who appended are gone; answers the flag that ends with them.</summary>
    public long Close()
    {
        var ended = last;
        last = 0;
        return ended;
    }

    /// <summary>The writer is gone, whose flag this was; answers the flag that ends with him.</summary>
    public long Close(long openedAt)
    {
        var refused = Close();
        return openedAt == 0 ? 0 : Math.Max(openedAt, refused);
    }
}
