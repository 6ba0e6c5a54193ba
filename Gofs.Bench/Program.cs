using System.Globalization;
using BenchmarkDotNet.Running;
using Gofs.Bench;

// Gofs.Bench NAME [ARGUMENT]: one measurement.
switch (args)
{
    case ["namespace-memory", .. var rest]:
        NamespaceMemory.Run(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 1_000_000);
        return 0;
    case ["editlog-store", "sqlite" or "postgres", .. var rest]:
        EditLogStoreSpeed.Run(args[1], rest.Length > 0 ? rest[0] : null);
        return 0;
    case ["chunk-store", .. var rest]:
        await ChunkStoreBench.RunAsync(rest.Length > 0 ? rest[0] : ".");
        return 0;
    case ["micro", .. var rest]:
        string[] filter = rest is [var first, ..] && !first.StartsWith('-') ? ["--filter", $"*{first}*", .. rest[1..]] : ["--filter", "*", .. rest];
        return BenchmarkSwitcher.FromAssembly(typeof(NamespaceMemory).Assembly).Run(filter).Any(one => one.HasCriticalValidationErrors) ? 1 : 0;
    default:
        Console.Error.WriteLine("Gofs.Bench namespace-memory [NAMES]");
        Console.Error.WriteLine("Gofs.Bench editlog-store sqlite [FOLDER]");
        Console.Error.WriteLine("Gofs.Bench editlog-store postgres [CONNECTION]");
        Console.Error.WriteLine("Gofs.Bench chunk-store [FOLDER]");
        Console.Error.WriteLine("Gofs.Bench micro [FILTER] [BENCHMARKDOTNET'S OPTIONS]   (say: micro Crc --job short)");
        return 2;
}
