using BenchmarkDotNet.Attributes;
using Gofs.Transport;

namespace Gofs.Bench.Micro;

/// <summary>CRC-32C of a record, a checksum block and a transfer.</summary>
[MemoryDiagnoser]
public class Crc32CBench
{
    private byte[] data = [];

    [Params(128, 64 << 10, 1 << 20)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        data = new byte[Bytes];
        new Random(1).NextBytes(data);
    }

    [Benchmark]
    public uint Compute() => Crc32C.Compute(data);
}
