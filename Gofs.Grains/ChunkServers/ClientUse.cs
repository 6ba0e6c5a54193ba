namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Whether clients use this server: copying gives way to them, and goes faster when they are quiet. What other servers read for copies does not count.
/// Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ClientUse(TimeProvider time)
{
    /// <summary>How long after a client's last request it is quiet.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(2);

    private long last = time.GetTimestamp();

    /// <summary>Whether no client has asked for anything lately.</summary>
    public bool IsQuiet => time.GetElapsedTime(Volatile.Read(ref last)) >= QuietTime;

    /// <summary>A client asks for something.</summary>
    public void Note() => Volatile.Write(ref last, time.GetTimestamp());
}
