using Gofs.Chunks;
using Gofs.Cluster;
using Gofs.Grains.EditLogs;
using Gofs.Namespaces;

namespace Gofs.Grains.Namespaces;

/// <summary>
/// A namespace's Snapshot, in an order that makes loading fast: each directory once, its names already sorted. The layout is in
/// docs/formats.md.
/// </summary>
internal static class NamespaceSnapshot
{
    private const byte FormatVersion = 6;
    private const byte WithoutAudit = 5;
    private const byte WithoutGoals = 4;
    private const byte WithoutClones = 3;
    private const byte WithoutMinReplicas = 2;
    private const byte WithoutChunks = 1;
    private const byte HasChunk = 0x80;
    private const int Plenty = int.MaxValue;
    private const int MostText = 8192;

    /// <summary>Writes the state.</summary>
    public static void Write(NamespaceState state, SnapshotWriter writer)
    {
        // Earlier releases read what has nothing of this one: silos of both work together, and an upgrade can be taken back.
        var isAdministered = state.LastAudit > 0 || state.Config.MaxStoredBytes > 0;
        writer.WriteByte(isAdministered ? FormatVersion : WithoutAudit);
        writer.WriteInt32(state.Number);
        writer.WriteText(state.Name);
        Write(writer, state.Config);
        if (isAdministered) writer.WriteInt64(state.Config.MaxStoredBytes);
        writer.WriteInt64(state.LastInode);
        writer.WriteInt64(state.LastTrashId);
        state.Results.Write(writer);
        WriteTrees(state, writer);
        WriteSides(state, writer);
        if (isAdministered) WriteAudit(state, writer);
    }

    /// <summary>Reads what was written.</summary>
    public static void Read(NamespaceState state, SnapshotReader reader)
    {
        var version = reader.ReadByte();
        if (version is < WithoutChunks or > FormatVersion)
            throw new GofsException(GofsError.EditLogCorrupt, $"a namespace's Snapshot has format {version}; this release reads up to {FormatVersion}");
        state.Number = reader.ReadInt32();
        state.Name = reader.ReadText(64);
        state.Config = ReadConfig(reader, version);
        state.LastInode = reader.ReadInt64();
        state.LastTrashId = reader.ReadInt64();
        state.Results.Read(reader);
        ReadTrees(state, reader, version);
        ReadSides(state, reader);
        if (version == WithoutChunks) return;
        ReadToConfirm(state, reader, version);
        if (version <= WithoutClones) ReadReleased(state, reader);
        else ReadClones(state, reader);
        if (version <= WithoutGoals) return;
        for (var left = reader.ReadCount(Plenty); left > 0; left--) state.GoalsToTell.Add(reader.ReadInt64());
        if (version > WithoutAudit) ReadAudit(state, reader);
    }

    private static void Write(SnapshotWriter writer, NamespaceConfig config)
    {
        writer.WriteInt64(config.ChunkSizeBytes);
        writer.WriteInt32(config.Goal);
        writer.WriteInt32((int)config.Durability);
        writer.WriteInt64(config.TrashRetention.Ticks);
        writer.WriteInt64(config.MaxNames);
        writer.WriteInt64(config.MaxBytes);
        writer.WriteInt64(config.LeaseTime.Ticks);
        writer.WriteInt32(config.ChunkTableShards);
        writer.WriteInt32(config.MinReplicas);
    }

    private static NamespaceConfig ReadConfig(SnapshotReader reader, byte version) => new(
        reader.ReadInt64(), reader.ReadInt32(), (Durability)reader.ReadInt32(), new(reader.ReadInt64()),
        reader.ReadInt64(), reader.ReadInt64(), new(reader.ReadInt64()), reader.ReadInt32())
    {
        MinReplicas = version > WithoutMinReplicas ? reader.ReadInt32() : 0,
        MaxStoredBytes = version > WithoutAudit ? reader.ReadInt64() : 0,
    };

    private static void WriteTrees(NamespaceState state, SnapshotWriter writer)
    {
        var tops = state.Trash.Values.Select(row => row.Inode).Concat(state.GivingUp).Concat(state.Unnamed.Keys);
        if (state.Number > 0) tops = tops.Prepend(InodeNumber.Root.Value);
        var waiting = new Queue<long>(tops.Distinct());
        writer.WriteInt32(waiting.Count);
        foreach (var top in waiting) WriteRow(state, writer, top);
        while (waiting.TryDequeue(out var inode))
        {
            if (state.Tree[inode].Type != EntryType.Directory) continue;
            var directory = state.Tree.Directory(inode);
            writer.WriteInt64(inode);
            writer.WriteInt32(directory.Count);
            foreach (var entry in directory.All())
            {
                var below = state.Tree.Entries[entry].Inode;
                var name = state.Tree.Entries.NameOf(entry);
                WriteRow(state, writer, below);
                writer.WriteByte((byte)name.Length);
                writer.WriteRaw(name);
                if (state.Tree[below].Type == EntryType.Directory) waiting.Enqueue(below);
            }
        }

        writer.WriteInt64(0);
    }

    private static void WriteRow(NamespaceState state, SnapshotWriter writer, long inode)
    {
        ref readonly var row = ref state.Tree[inode];
        var (mode, owner, group) = state.Tree.OwnershipOf(inode);
        writer.WriteInt64(inode);
        writer.WriteByte((byte)((byte)row.Type | (row.OnlyChunk != 0 ? HasChunk : 0)));
        writer.WriteInt32(mode);
        writer.WriteInt32((int)owner);
        writer.WriteInt32((int)group);
        writer.WriteInt64(row.LengthBytes);
        writer.WriteInt64(row.ModifiedAt);
        writer.WriteByte(row.Goal);
        if (row.OnlyChunk == 0) return;
        writer.WriteInt64((long)row.OnlyChunk);
        writer.WriteInt32((int)row.ChunkSizeBytes);
    }

    private static long ReadRow(NamespaceState state, SnapshotReader reader, byte version)
    {
        var inode = reader.ReadInt64();
        var kind = reader.ReadByte();
        var type = (EntryType)(kind & ~HasChunk);
        var ownership = new Ownership(reader.ReadInt32(), (uint)reader.ReadInt32(), (uint)reader.ReadInt32());
        var length = reader.ReadInt64();
        var modifiedAt = reader.ReadInt64();
        if (inode is < 1 or > InodeNumber.MaxValue || inode > state.LastInode || !Enum.IsDefined(type) || state.Tree.Has(inode))
            throw new GofsException(GofsError.EditLogCorrupt, $"a namespace's Snapshot has a bad inode {inode}");
        state.Tree.AddInode(inode, type, ownership, modifiedAt, length);
        // Of a time when files had no goal of their own.
        var goal = version > WithoutGoals ? reader.ReadByte() : type == EntryType.File ? state.Config.Goal : 0;
        if (goal is < 0 or > NamespaceConfig.MostReplicas)
            throw new GofsException(GofsError.EditLogCorrupt, $"a namespace's Snapshot has goal {goal} at inode {inode}");
        state.Tree.SetGoal(inode, goal);
        if ((kind & HasChunk) != 0) state.Tree.SetOnlyChunk(inode, (ulong)reader.ReadInt64(), reader.ReadInt32());
        return inode;
    }

    private static void ReadTrees(NamespaceState state, SnapshotReader reader, byte version)
    {
        for (var left = reader.ReadCount(Plenty); left > 0; left--) ReadRow(state, reader, version);
        Span<byte> name = stackalloc byte[GofsPath.MaxNameBytes];
        while (reader.ReadInt64() is var directory && directory != 0)
        {
            if (!state.Tree.Has(directory) || state.Tree[directory].Type != EntryType.Directory)
                throw new GofsException(GofsError.EditLogCorrupt, $"a namespace's Snapshot has names in {directory}, which is no directory");
            for (var left = reader.ReadCount(Plenty); left > 0; left--)
            {
                var inode = ReadRow(state, reader, version);
                var bytes = name[..reader.ReadByte()];
                reader.ReadRaw(bytes);
                state.Tree.Link(directory, bytes, inode);
            }
        }
    }

    private static void WriteSides(NamespaceState state, SnapshotWriter writer)
    {
        writer.WriteInt32(state.Targets.Count);
        foreach (var (inode, target) in state.Targets)
        {
            writer.WriteInt64(inode);
            writer.WriteBytes(target);
        }

        writer.WriteInt32(state.ExtendedAttributes.Values.Sum(all => all.Count));
        foreach (var (inode, name, value) in state.ExtendedAttributes.SelectMany(all => all.Value.Select(one => (all.Key, one.Key, one.Value))))
        {
            writer.WriteInt64(inode);
            writer.WriteText(name);
            writer.WriteBytes(value);
        }

        writer.WriteInt32(state.Open.Count);
        foreach (var (inode, since) in state.Open)
        {
            writer.WriteInt64(inode);
            writer.WriteInt64(since);
        }

        writer.WriteInt32(state.Unnamed.Count);
        foreach (var (inode, place) in state.Unnamed)
        {
            writer.WriteInt64(inode);
            writer.WriteInt64(place.Parent);
            writer.WriteBytes(place.Name);
        }

        writer.WriteInt32(state.Trash.Count);
        foreach (var row in state.Trash.Values)
        {
            writer.WriteInt64(row.Id);
            writer.WriteInt64(row.Inode);
            writer.WriteBytes(row.OriginalPath.Bytes);
            writer.WriteInt64(row.RemovedAt);
        }

        Write(writer, state.GivingUp.Reverse(), state.GivingUp.Count);
        Write(writer, state.Releasing, state.Releasing.Count);
        writer.WriteInt32(state.ToConfirm.Count);
        foreach (var (chunk, goal) in state.ToConfirm)
        {
            writer.WriteInt64((long)chunk.Value);
            writer.WriteByte(goal);
        }

        WriteClones(state, writer);
        Write(writer, state.GoalsToTell, state.GoalsToTell.Count);
    }

    private static void WriteAudit(NamespaceState state, SnapshotWriter writer)
    {
        writer.WriteInt64(state.LastAudit);
        writer.WriteInt32(state.Audit.Count);
        foreach (var entry in state.Audit)
        {
            writer.WriteInt64(entry.At.UtcTicks);
            writer.WriteText(entry.By.User);
            writer.WriteText(entry.By.Host);
            writer.WriteText(entry.Act);
            writer.WriteText(entry.Text);
        }
    }

    // Their numbers follow each other, up to the last.
    private static void ReadAudit(NamespaceState state, SnapshotReader reader)
    {
        state.LastAudit = reader.ReadInt64();
        var count = reader.ReadCount(AuditEntry.Most);
        for (var number = state.LastAudit - count + 1; number <= state.LastAudit; number++)
        {
            var at = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            var by = new Caller(reader.ReadText(MostText), reader.ReadText(MostText));
            state.Audit.Add(new(number, at, by, reader.ReadText(MostText), reader.ReadText(MostText)) { Namespace = state.Name });
        }
    }

    private static void WriteClones(NamespaceState state, SnapshotWriter writer)
    {
        writer.WriteInt32(state.ToRelease.Count);
        foreach (var (chunk, inode) in state.ToRelease)
        {
            writer.WriteInt64((long)chunk.Value);
            writer.WriteInt64(inode);
        }

        writer.WriteInt32(state.ToShare.Count);
        foreach (var (chunk, origin, clone) in state.ToShare)
        {
            writer.WriteInt64((long)chunk.Value);
            writer.WriteInt64(origin);
            writer.WriteInt64(clone);
        }

        writer.WriteInt32(state.Clones.Count);
        foreach (var (clone, (origin, wasOpen)) in state.Clones.All)
        {
            writer.WriteInt64(clone);
            writer.WriteInt64(origin);
            writer.WriteByte(wasOpen ? (byte)1 : (byte)0);
        }
    }

    private static void ReadClones(NamespaceState state, SnapshotReader reader)
    {
        for (var left = reader.ReadCount(Plenty); left > 0; left--) state.ToRelease.Add(new(new((ulong)reader.ReadInt64()), reader.ReadInt64()));
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
            state.ToShare.Enqueue(new(new((ulong)reader.ReadInt64()), reader.ReadInt64(), reader.ReadInt64()));
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
            state.Clones.Add(reader.ReadInt64(), new(reader.ReadInt64(), reader.ReadByte() != 0));
    }

    // Of a time when no chunk had more than one file: which that was does not matter.
    private static void ReadReleased(NamespaceState state, SnapshotReader reader)
    {
        for (var left = reader.ReadCount(Plenty); left > 0; left--) state.ToRelease.Add(new(new((ulong)reader.ReadInt64()), 0));
    }

    private static void ReadSides(NamespaceState state, SnapshotReader reader)
    {
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
            state.Targets[reader.ReadInt64()] = reader.ReadBytes(GofsPath.MaxPathBytes);
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
        {
            var inode = reader.ReadInt64();
            if (!state.ExtendedAttributes.TryGetValue(inode, out var all)) state.ExtendedAttributes[inode] = all = new(StringComparer.Ordinal);
            all[reader.ReadText(GofsPath.MaxNameBytes)] = reader.ReadBytes(64 << 10);
        }

        for (var left = reader.ReadCount(Plenty); left > 0; left--) state.Open[reader.ReadInt64()] = reader.ReadInt64();
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
            state.Unnamed[reader.ReadInt64()] = new(reader.ReadInt64(), reader.ReadBytes(GofsPath.MaxNameBytes));
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
        {
            var row = new TrashRow(reader.ReadInt64(), reader.ReadInt64(), GofsPath.FromBytes(reader.ReadBytes(GofsPath.MaxPathBytes)), reader.ReadInt64());
            state.Trash[row.Id] = row;
        }

        for (var left = reader.ReadCount(Plenty); left > 0; left--) state.GivingUp.Push(reader.ReadInt64());
        for (var left = reader.ReadCount(Plenty); left > 0; left--) state.Releasing.Add(reader.ReadInt64());
    }

    private static void ReadToConfirm(NamespaceState state, SnapshotReader reader, byte version)
    {
        for (var left = reader.ReadCount(Plenty); left > 0; left--)
            state.ToConfirm[new((ulong)reader.ReadInt64())] = version > WithoutGoals ? reader.ReadByte() : (byte)state.Config.Goal;
    }

    private static void Write(SnapshotWriter writer, IEnumerable<long> numbers, int count)
    {
        writer.WriteInt32(count);
        foreach (var number in numbers) writer.WriteInt64(number);
    }
}
