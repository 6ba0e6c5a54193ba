using System.Globalization;
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
    default:
        Console.Error.WriteLine("Gofs.Bench namespace-memory [NAMES]");
        Console.Error.WriteLine("Gofs.Bench editlog-store sqlite [FOLDER]");
        Console.Error.WriteLine("Gofs.Bench editlog-store postgres [CONNECTION]");
        return 2;
}
