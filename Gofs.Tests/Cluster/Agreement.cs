using Xunit;

namespace Gofs.Tests.Cluster;

/// <summary>What is to agree some time after all is quiet: duties that were due are done by then.</summary>
internal static class Agreement
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks until there is no difference; fails with those that are left after a time. Answers how long it took.</summary>
    public static async Task<TimeSpan> ReachAsync(string what, TimeSpan limit, Func<Task<IReadOnlyList<string>>> look, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        IReadOnlyList<string> differences;
        while ((differences = await look()).Count > 0 && TimeProvider.System.GetElapsedTime(started) < limit) await Task.Delay(Every, cancellation);
        Assert.True(differences.Count == 0, $"{what}: {differences.Count}: {string.Join("; ", differences.Take(20))}");
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>What fsck finds in a namespace.</summary>
    public static async Task<IReadOnlyList<string>> FsckAsync(GofsNamespace files, CancellationToken cancellation)
    {
        List<string> findings = [];
        await foreach (var finding in files.CheckAsync(GofsPath.Root, chunksPerSecond: 10_000, cancellation: cancellation))
            findings.Add($"{finding.Check}: {finding.Path} {finding.Chunk} {finding.Server} {finding.What}, {finding.Why}");
        return findings;
    }
}
