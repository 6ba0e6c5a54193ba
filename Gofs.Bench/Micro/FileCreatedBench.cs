using BenchmarkDotNet.Attributes;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Bench.Micro;

/// <summary>Applying the record of a new file, a hundred thousand of them to a fresh namespace.</summary>
[MemoryDiagnoser]
public class FileCreatedBench
{
    private const int Files = 100_000;
    private NamespaceEvent[] events = [];
    private NamespaceState state = null!;

    [GlobalSetup]
    public void PrepareEvents() => events = [.. Enumerable.Range(0, Files).Select(i => new FileCreated(
        OpId.New(), 2 + (i / SampleNamespace.FilesInDirectory), SampleNamespace.Name('f', i), 1000 + i, new(0x1A4, 0, 0), Atomic: false, i))];

    [IterationSetup]
    public void PrepareState()
    {
        state = new();
        state.Apply(new NamespaceCreated(1, "bench", NamespaceConfig.Default, 1));
        for (var d = 0; d < Files / SampleNamespace.FilesInDirectory; d++)
            state.Apply(new DirectoriesMade(OpId.New(), 1, [SampleNamespace.Name('d', d)], 2 + d, new(0x1ED, 0, 0), d));
    }

    [Benchmark(OperationsPerInvoke = Files)]
    public void Apply()
    {
        foreach (var happened in events) state.Apply(happened);
    }
}
