using BenchmarkDotNet.Attributes;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Gofs.Bench.Micro;

/// <summary>Serializing records into a batch for the writer.</summary>
[MemoryDiagnoser]
public class RecordBatchBench
{
    private const int Records = 256;
    private static readonly StreamId Stream = StreamId.OfNamespace(1);
    private readonly NamespaceEvent created = new FileCreated(OpId.New(), 7, SampleNamespace.Name('f', 1), 8, new(0x1A4, 0, 0), Atomic: false, 9);
    private readonly Serializer<NamespaceEvent> serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer<NamespaceEvent>>();

    [Benchmark(OperationsPerInvoke = Records)]
    public int AddFileCreated()
    {
        var batch = RecordBatch.Rent();
        for (var i = 0; i < Records; i++) batch.Add(serializer, created, Stream, i + 1);
        var bytes = batch.Bytes;
        batch.Return();
        return bytes;
    }
}
