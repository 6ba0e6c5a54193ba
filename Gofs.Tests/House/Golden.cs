using Xunit;

namespace Gofs.Tests.House;

/// <summary>
/// A checked-in list of lines, one for each thing, that what is built is compared with. With GOFS_TEST_ACCEPT=1 it is written anew, to be
/// looked at as a diff; a list that only grows keeps what is gone, so that the test still fails for it.
/// </summary>
internal static class Golden
{
    /// <summary>Fails with the lines that are no longer so and the lines to add. Lines beginning with '#' are for people.</summary>
    /// <param name="file">The list's name, beside the house tests.</param>
    /// <param name="actual">What is so now.</param>
    /// <param name="gone">What it means when a line is no longer so.</param>
    /// <param name="mayShrink">Whether accepting takes away what is gone.</param>
    public static void Compare(string file, IEnumerable<string> actual, string gone, bool mayShrink)
    {
        var path = Path.Combine(Repository.Root, "Gofs.Tests", "House", file);
        var all = File.ReadAllLines(path);
        var expected = all.Where(line => line.Length > 0 && line[0] != '#').ToList();
        var now = actual.ToList();
        var missing = expected.Except(now).ToList();
        var fresh = now.Except(expected).ToList();
        if (Environment.GetEnvironmentVariable("GOFS_TEST_ACCEPT") == "1" && (fresh.Count > 0 || (mayShrink && missing.Count > 0)))
        {
            File.WriteAllLines(path, [.. all.Where(line => line.StartsWith('#')), .. now, .. mayShrink ? [] : missing]);
            (fresh, missing) = ([], mayShrink ? [] : missing);
        }

        if (missing.Count == 0 && fresh.Count == 0) return;
        var text = $"Gofs.Tests/House/{file} is not what is built.";
        if (missing.Count > 0) text += $"\n{gone}\n  {string.Join("\n  ", missing)}";
        if (fresh.Count > 0) text += $"\nNew; when it is meant to be there, add (or run the test with GOFS_TEST_ACCEPT=1):\n{string.Join("\n", fresh)}";
        Assert.Fail(text);
    }
}
