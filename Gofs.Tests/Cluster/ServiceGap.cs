namespace Gofs.Tests.Cluster;

/// <summary>The longest time in which nobody had anything acknowledged.</summary>
internal sealed class ServiceGap
{
    private readonly Lock gate = new();
    private long last = TimeProvider.System.GetTimestamp();

    public TimeSpan Longest { get; private set; }

    public void Restart()
    {
        lock (gate) (last, Longest) = (TimeProvider.System.GetTimestamp(), TimeSpan.Zero);
    }

    public void Acknowledged()
    {
        lock (gate)
        {
            var now = TimeProvider.System.GetTimestamp();
            if (TimeProvider.System.GetElapsedTime(last, now) is var gap && gap > Longest) Longest = gap;
            last = now;
        }
    }
}
