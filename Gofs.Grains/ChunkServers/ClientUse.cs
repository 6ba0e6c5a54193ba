namespace Gofs.Grains.ChunkServers;

/// <summary>
/// How clients use this server: copying gives way to them (<see cref="CopyPace"/>), and goes faster when they are quiet. What other servers read for copies
/// does not count. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ClientUse(TimeProvider time)
{
    /// <summary>How long after a client's last request it is quiet.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(2);

    /// <summary>How many times as fast copies are while no client is in their way.</summary>
    public const int QuietTimes = 8;

    private readonly Lock gate = new();
    private readonly CopyPace pace = new(time);
    private long last = time.GetTimestamp();

    /// <summary>Whether no client has asked for anything lately.</summary>
    public bool IsQuiet => time.GetElapsedTime(Volatile.Read(ref last)) >= QuietTime;

    /// <summary>A client asks for something.</summary>
    public void Note() => Volatile.Write(ref last, time.GetTimestamp());

    /// <summary>A client was answered: see <see cref="CopyPace.OnAnswered"/>.</summary>
    public void OnAnswered(bool isWrite, int bytes, TimeSpan took)
    {
        lock (gate) pace.OnAnswered(isWrite, bytes, took);
    }

    /// <summary>Another server reads something here for a copy: clients may wait for that too.</summary>
    public void NoteCopy()
    {
        lock (gate) pace.Take();
    }

    /// <summary>Something is about to be copied to here: how fast, as a multiple of the server's rate.</summary>
    /// <param name="hasOthers">Whether clients use the other side, whatever they do here.</param>
    public double TakeShare(bool hasOthers = false)
    {
        double share;
        lock (gate) share = pace.Take();
        return IsQuiet && !hasOthers ? QuietTimes : share;
    }
}
