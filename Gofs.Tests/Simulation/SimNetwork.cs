namespace Gofs.Tests.Simulation;

/// <summary>
/// The network between processes. A message takes its time, so messages overtake each other; it may be lost; and one process may not reach another, in one
/// direction or both. One to a process that stands still arrives when that goes on.
/// </summary>
internal sealed class SimNetwork(SimWorld world)
{
    private readonly HashSet<(string From, string To)> cut = [];

    /// <summary>How many of 1,000 messages are lost.</summary>
    public int Loss { get; set; }

    /// <summary>How long a message takes at most, in milliseconds.</summary>
    public double Delay { get; set; } = 2;

    /// <summary>How many of 1,000 messages take up to 100 times as long.</summary>
    public int Stragglers { get; set; }

    /// <summary>From now on nothing gets from one to the other.</summary>
    public void Cut(string from, string to) => cut.Add((from, to));

    /// <summary>Whether nothing gets from one to the other.</summary>
    public bool IsCut(string from, string to) => cut.Contains((from, to));

    /// <summary>Everything gets everywhere.</summary>
    public void Heal()
    {
        cut.Clear();
        (Loss, Stragglers) = (0, 0);
    }

    /// <summary>How long the next message takes.</summary>
    public TimeSpan Time() => world.UpTo(world.Chance(Stragglers) ? Delay * 100 : Delay);

    /// <summary>Asks a process something, on a lane of it, and waits for the answer for so long.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public Task<T> AskAsync<T>(SimProcess from, SimLane to, TimeSpan patience, Func<Task<T>> work)
    {
        var answer = new TaskCompletionSource<T>();
        var late = from.Clock.CreateTimer(_ => answer.TrySetException(new TimeoutException("no answer came")), null, patience, Timeout.InfiniteTimeSpan);
        Send(from, to.Process, () => _ = to.Do(async () =>
        {
            Action reply;
            try
            {
                var result = await work();
                reply = () => answer.TrySetResult(result);
            }
            catch (Exception refused)
            {
                reply = () => answer.TrySetException(refused);
            }

            Send(to.Process, from, () =>
            {
                late.Dispose();
                reply();
            });
        }));
        return answer.Task;
    }

    private void Send(SimProcess from, SimProcess to, Action deliver)
    {
        if (world.Chance(Loss) || IsCut(from.Name, to.Name)) return;
        var timer = new SimTimer(world, to, deliver, Time(), Timeout.InfiniteTimeSpan);
        world.Add(timer);
    }
}
