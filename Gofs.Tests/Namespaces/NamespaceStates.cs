using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;

namespace Gofs.Tests.Namespaces;

/// <summary>States to test on, and how two are compared.</summary>
internal static class NamespaceStates
{
    public static readonly Ownership Owner = new(0x1ED, 1, 2);

    public static NamespaceState Empty(out NamespaceEvent first, NamespaceConfig? config = null)
    {
        first = new NamespaceCreated(7, "test", config ?? NamespaceConfig.Default, 1);
        var state = new NamespaceState();
        state.Apply(first);
        return state;
    }

    public static byte[] BytesOf(NamespaceState state)
    {
        using var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part.Span));
        state.WriteSnapshot(writer);
        writer.Complete();
        return bytes.ToArray();
    }

    public static NamespaceState SnapshotOf(NamespaceState state)
    {
        using var reader = new SnapshotReader([BytesOf(state)]);
        var copy = new NamespaceState();
        copy.ReadSnapshot(reader);
        return reader.AtEnd ? copy : throw new InvalidOperationException("the Snapshot is longer than the state");
    }

    /// <summary>Everything there is, in an order that does not depend on how it came to be.</summary>
    public static string Describe(NamespaceState state)
    {
        var lines = new List<string>
        {
            $"{state.Number} {state.Name} {state.Config} {state.LastInode} {state.LastTrashId} {state.Tree.Inodes} {state.Tree.LengthBytes} {state.Tree.StoredBytes}",
            $"giving up {string.Join(' ', state.GivingUp)}; releasing {string.Join(' ', state.Releasing.Order())}",
            $"to confirm {string.Join(' ', state.ToConfirm.OrderBy(one => one.Key.Value))}; to release {string.Join(' ', state.ToRelease.OrderBy(one => (one.Chunk.Value, one.Inode)))}",
            $"goals to tell {string.Join(' ', state.GoalsToTell.Order())}",
            $"to share {string.Join(' ', state.ToShare)}; clones {string.Join(' ', state.Clones.All.OrderBy(one => one.Key))}",
        };
        lines.AddRange(state.Audit.Select(entry => entry.ToString()).Append($"{state.LastAudit}"));
        lines.AddRange(state.Trash.Values.Select(row => row.ToString()));
        lines.AddRange(state.Open.OrderBy(one => one.Key).Select(one => $"open {one.Key} {one.Value}"));
        for (var inode = 1L; inode <= state.LastInode; inode++)
        {
            if (!state.Tree.Has(inode)) continue;
            ref readonly var row = ref state.Tree[inode];
            lines.Add($"{inode} {row.Type} {row.LengthBytes} {row.ModifiedAt} {row.OnlyChunk} {row.ChunkSizeBytes} goal {row.Goal} "
                + $"{state.Tree.OwnershipOf(inode)} in {state.Tree.ParentOf(inode)} as {Convert.ToHexString(state.Tree.NameOf(inode))}");
        }

        return string.Join('\n', lines);
    }
}
