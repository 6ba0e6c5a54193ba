namespace Gofs.Grains.ChunkServers;

/// <summary>
/// How long requests of one kind usually take here: a histogram with four steps an octave from 16 µs on, in which what is old counts ever less. Not
/// thread-safe.
/// </summary>
internal sealed class UsualLatency
{
    private const int StepsAnOctave = 4;
    private const int Octaves = 22;
    private const int MostSamples = 4096;
    private const double LeastMicroseconds = 16;
    private readonly int[] counts = new int[StepsAnOctave * Octaves];
    private int all;

    /// <summary>Samples it rests on.</summary>
    public int Samples => all;

    /// <summary>Takes one in.</summary>
    public void Add(TimeSpan took)
    {
        counts[StepOf(took)]++;
        if (++all < MostSamples) return;
        all = 0;
        for (var i = 0; i < counts.Length; i++) all += counts[i] /= 2;
    }

    /// <summary>What so many of a hundred do not exceed; zero when there are no samples.</summary>
    public TimeSpan Percentile(double percent)
    {
        if (all == 0) return TimeSpan.Zero;
        var (step, left) = (0, all * percent / 100);
        while (step < counts.Length - 1 && (left -= counts[step]) > 0) step++;
        return TimeSpan.FromMicroseconds(LeastMicroseconds * Math.Pow(2, (double)step / StepsAnOctave));
    }

    // The step's upper edge is what is answered for it.
    private static int StepOf(TimeSpan took)
    {
        var octaves = Math.Log2(Math.Max(took.TotalMicroseconds, LeastMicroseconds) / LeastMicroseconds);
        return Math.Min((int)Math.Ceiling(octaves * StepsAnOctave), (StepsAnOctave * Octaves) - 1);
    }
}
