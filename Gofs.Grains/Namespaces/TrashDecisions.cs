using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>Restoring what was removed, and removing it for ever.</summary>
internal static class TrashDecisions
{
    /// <summary>Trash items purged by one event.</summary>
    public const int MostAtOnce = TrashItem.MostPurged;

    /// <summary>Puts a trash item back.</summary>
    public static TrashRestored Restore(NamespaceState state, Restore command, long now)
    {
        var row = Require(state, command.TrashId);
        var path = command.To ?? row.OriginalPath;
        var place = PathResolution.Resolve(state, path, followLast: false);
        if (place.Inode == 0) return new(command.OpId, row.Id, place.Parent, place.Name, now);
        if (!command.Replace)
            throw new GofsException(GofsError.AlreadyExists, "something is there: restore it to another path, or replace that", path.ToString());
        if (state.Tree[place.Inode].Type == EntryType.Directory)
            throw new GofsException(GofsError.IsADirectory, "a directory is there, which is not replaced", path.ToString());
        return new(command.OpId, row.Id, place.Parent, place.Name, now) { ReplacedTrashId = TreeDecisions.NextTrashId(state, skip: false) };
    }

    /// <summary>Removes one trash item, or up to <see cref="MostAtOnce"/> of them, for ever; null when there is none.</summary>
    public static TrashPurged? Purge(NamespaceState state, OpId opId, long? trashId)
    {
        if (trashId is { } id) return new(opId, [Require(state, id).Id]);
        var ids = state.Trash.Keys.Take(MostAtOnce).ToArray();
        return ids.Length == 0 ? null : new(opId, ids);
    }

    /// <summary>Trash whose time is over; null when there is none.</summary>
    public static TrashPurged? PurgeExpired(NamespaceState state, long now)
    {
        var before = now - (state.Config.TrashRetention.Ticks * 100);
        var ids = state.Trash.Values.TakeWhile(row => row.RemovedAt <= before).Take(MostAtOnce).Select(row => row.Id).ToArray();
        return ids.Length == 0 ? null : new(null, ids);
    }

    private static TrashRow Require(NamespaceState state, long trashId) =>
        state.Trash.TryGetValue(trashId, out var row)
            ? row
            : throw new GofsException(GofsError.TrashItemNotFound, $"there is no trash item {trashId} (any more)");
}
