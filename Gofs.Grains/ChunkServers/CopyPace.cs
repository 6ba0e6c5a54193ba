using System.Numerics;

namespace Gofs.Grains.ChunkServers;

/// <summary>
/// Which share of its rate a server copies at beside its clients: it gives way when they are served more slowly than without copies, and comes back
/// step by step, as a sender of little importance does on a line it shares with others (RFC 6817 does it for transfers in the background, by their delay).
/// <para>
/// While nothing is copied it learns how long requests of each kind usually take. While something is, a request is slow that takes nearly half as long
/// again as 99 of 100 did. A slow request halves the share; each other one takes it a 399th of the way back. So in the long run one request in four hundred
/// is slow: what a client does is several requests, and waits for the master besides. Many requests give no more than an octave a second, and time alone a
/// little. It never falls below a floor: copies that never end protect nobody.
/// </para>
/// <para>Not thread-safe.</para>
/// </summary>
internal sealed class CopyPace(TimeProvider time)
{
    /// <summary>The smallest share.</summary>
    public const double Least = 1.0 / 32;

    /// <summary>Where it begins.</summary>
    public const double First = 1.0 / 8;

    /// <summary>After so long without copies it begins again.</summary>
    public static readonly TimeSpan LongPause = TimeSpan.FromMinutes(1);

    private const double OctavesARequest = 1.0 / 399;
    private const double MostOctavesASecond = 1;
    private const double LeastOctavesASecond = 1.0 / 50;
    private const double SlowTimes = 1.25; // what is missing to 1.5 is the histogram's step
    private const int FewSamples = 64;
    private const int SizeSteps = 6;
    private static readonly TimeSpan SlowWhereNothingIsKnown = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CopiesCount = TimeSpan.FromSeconds(2);
    private readonly UsualLatency[] usual = [.. Enumerable.Range(0, 2 * SizeSteps).Select(_ => new UsualLatency())];
    private double octaves = Math.Log2(First);
    private double earned;
    private long? copiedAt;
    private long grownAt;

    /// <summary>Something is about to be copied, or read for a copy: answers the share.</summary>
    public double Take()
    {
        if (copiedAt is not { } last || time.GetElapsedTime(last) > LongPause)
            (octaves, earned, grownAt) = (Math.Log2(First), 0, time.GetTimestamp());
        copiedAt = time.GetTimestamp();
        Grow();
        return Math.Pow(2, octaves);
    }

    /// <summary>A client's request was answered.</summary>
    /// <param name="isWrite">Whether bytes came with it; else they were given.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="took">From when it had come to when it was answered.</param>
    public void OnAnswered(bool isWrite, int bytes, TimeSpan took)
    {
        var kind = usual[(isWrite ? SizeSteps : 0) + StepOf(bytes)];
        if (copiedAt is not { } last || time.GetElapsedTime(last) > CopiesCount)
        {
            kind.Add(took);
        }
        else if (took > (kind.Samples < FewSamples ? SlowWhereNothingIsKnown : kind.Percentile(99) * SlowTimes))
        {
            (octaves, earned) = (Math.Max(Math.Log2(Least), octaves - 1), 0);
        }
        else
        {
            earned += OctavesARequest;
        }
    }

    private void Grow()
    {
        var seconds = time.GetElapsedTime(grownAt).TotalSeconds;
        octaves = Math.Min(0, octaves + Math.Min(earned + (seconds * LeastOctavesASecond), seconds * MostOctavesASecond));
        (earned, grownAt) = (0, time.GetTimestamp());
    }

    // 4 KiB and less, 16, 64, 256 KiB, 1 MiB, more.
    private static int StepOf(int bytes) => Math.Clamp((BitOperations.Log2((uint)Math.Max(1, bytes - 1)) - 10) / 2, 0, SizeSteps - 1);
}
