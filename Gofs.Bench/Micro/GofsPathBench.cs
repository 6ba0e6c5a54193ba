using BenchmarkDotNet.Attributes;

namespace Gofs.Bench.Micro;

/// <summary>Parsing and walking paths.</summary>
[MemoryDiagnoser]
public class GofsPathBench
{
    private GofsPath parsed;

    [Params("/reports/2026/summary.txt", "/a//b/./../c/d/e/f/g/h/i/j/k/l/m/n/o/p")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void Prepare() => parsed = GofsPath.Parse(Text);

    [Benchmark]
    public GofsPath Parse() => GofsPath.Parse(Text);

    [Benchmark]
    public int Walk()
    {
        var bytes = 0;
        foreach (var name in parsed) bytes += name.Length;
        return bytes;
    }
}
