using System.Globalization;
using Gofs.Bench;

// Gofs.Bench NAME [ARGUMENT]: namespace-memory [names].
if (args is not ["namespace-memory", .. var rest])
{
    Console.Error.WriteLine("Gofs.Bench namespace-memory [NAMES]");
    return 2;
}

NamespaceMemory.Run(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 1_000_000);
return 0;
