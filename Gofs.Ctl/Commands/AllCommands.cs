using System.CommandLine;

namespace Gofs.Ctl.Commands;

/// <summary>Every command there is.</summary>
internal static class AllCommands
{
    /// <summary>Makes them.</summary>
    public static IEnumerable<Command> Make() =>
    [
        NamespaceCommands.Make(), ListCommand.Make(), PutCommand.Make(), GetCommand.Make(),
        .. ReadCommands.Make(), .. ChangeCommands.Make(), .. LookCommands.Make(), TrashCommands.Make(),
        .. StatusCommands.Make(), EditLogCommands.Make(), MetaCommands.Make(), BenchCommands.Make(),
    ];
}
