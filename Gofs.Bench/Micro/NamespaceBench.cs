using BenchmarkDotNet.Attributes;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Bench.Micro;

/// <summary>What a namespace does most: finds paths, lists pages.</summary>
[MemoryDiagnoser]
public class NamespaceBench
{
    private const int Directories = 200;
    private readonly GofsPath directory = GofsPath.Parse("/d0100");
    private SampleNamespace sample = null!;
    private GofsPath[] paths = [];
    private int next;

    [GlobalSetup]
    public void Prepare()
    {
        sample = new(Directories);
        var random = new Random(1);
        paths = [.. Enumerable.Range(0, 4096).Select(_ => SampleNamespace.Path(random.Next(Directories), random.Next(SampleNamespace.FilesInDirectory)))];
    }

    [Benchmark]
    public long Resolve() => PathResolution.InodeOf(sample.State, paths[next++ & 4095], followLast: true);

    [Benchmark]
    public Entry Lookup() => NamespaceQueries.EntryOf(sample.State, Resolve());

    [Benchmark]
    public int ListPage() => NamespaceQueries.List(sample.State, directory, null, SampleNamespace.FilesInDirectory).Entries.Length;
}
