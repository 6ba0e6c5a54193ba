namespace Gofs.Web.SignIn;

/// <summary>
/// How often a wrong password may be said: so often from one address within a window, and so often from all together, whoever it was tried for. Then nothing
/// is checked until the oldest of those is forgotten. Only addresses that failed are kept, and a bounded number of them.
/// </summary>
internal sealed class SignInAttempts(TimeProvider time)
{
    /// <summary>From one address.</summary>
    public const int MostOfOne = 10;

    /// <summary>From all.</summary>
    public const int MostOfAll = 200;

    /// <summary>Within this time.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly Queue<(string From, DateTimeOffset At)> failures = new();

    /// <summary>How long somebody has to wait before the next is checked; zero: not at all.</summary>
    public TimeSpan Wait(string from)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            while (failures.TryPeek(out var oldest) && now - oldest.At >= Window) failures.Dequeue();
            var of = failures.Where(one => one.From == from).ToArray();
            if (of.Length >= MostOfOne) return of[^MostOfOne].At + Window - now;
            return failures.Count >= MostOfAll ? failures.Peek().At + Window - now : TimeSpan.Zero;
        }
    }

    /// <summary>A password was wrong.</summary>
    public void Failed(string from)
    {
        lock (gate)
        {
            failures.Enqueue((from, time.GetUtcNow()));
            if (failures.Count > MostOfAll) failures.Dequeue();
        }
    }
}
