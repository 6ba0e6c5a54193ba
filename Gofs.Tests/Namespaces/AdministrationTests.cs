using Gofs.Cluster;
using Gofs.Grains.EditLogs;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>What administrators did, as a namespace's state has it.</summary>
public sealed class AdministrationTests
{
    private static readonly Caller Ann = new("ann", "desk");
    private readonly NamespaceState state = NamespaceStates.Empty(out _);

    [Fact]
    public void Act_IsCarriedOutAndRemembered_InOneRecord()
    {
        var op = new OpId(new Guid(1, 0, 0, new byte[8]));
        var act = new Administered(Ann, "ns config", "max-names: 0 to 7", 1_500, new ConfigSet(op, state.Config with { MaxNames = 7 }));
        state.Apply(act);
        Assert.Equal(7, state.Config.MaxNames);
        Assert.True(state.Results.TryGet(op, out _));
        Assert.Equal(
            new AuditEntry(1, DateTimeOffset.UnixEpoch.AddTicks(15), Ann, "ns config", "max-names: 0 to 7") { Namespace = "test" }, Assert.Single(state.Audit));
        Assert.Equal(("ConfigSet", Ann, 1_500L), (act.Kind, act.AskedBy, act.HappenedAt));
        Assert.Equal(act.What!.Describe(), act.Describe());
    }

    [Fact]
    public void ActThatChangesNoNames_IsRememberedToo()
    {
        var act = new Administered(Ann, "meta failover", "from a to b", 1, null);
        state.Apply(act);
        Assert.Equal(("Administered", "meta failover: from a to b"), (act.Kind, act.Describe()));
        Assert.Single(state.Audit);
    }

    [Fact]
    public void Audit_KeepsTheLast_AlsoInASnapshot()
    {
        for (var i = 1; i <= AuditEntry.Most + 3; i++) state.Apply(new Administered(Ann, "meta snapshot", $"ü {i}", i * 100, null));
        var copy = NamespaceStates.SnapshotOf(state);
        Assert.Equal((4L, AuditEntry.Most + 3L), (state.Audit[0].Number, state.Audit[^1].Number));
        Assert.Equal(state.Audit, copy.Audit);
        copy.Apply(new Administered(Ann, "meta snapshot", "", 1, null));
        Assert.Equal(AuditEntry.Most + 4L, copy.Audit[^1].Number);
    }

    [Fact]
    public void ActOnALongPathThatIsNoText_DoesNotMakeTheSnapshotUnreadable()
    {
        var path = $"/{new string('\uFFFD', 4095)}"; // what 4,095 bytes that are no UTF-8 look like
        state.Apply(new Administered(Ann, "fsck --repair", path, 1, null));
        Assert.Equal(path[..NamespaceState.MostActChars], Assert.Single(NamespaceStates.SnapshotOf(state).Audit).Text);
    }

    [Fact]
    public void StateThatNobodyAdministered_IsASnapshotThatEarlierReleasesRead()
    {
        Assert.Equal(5, FormatOf(state));
        state.Apply(new Administered(Ann, "meta snapshot", "", 1, null));
        Assert.Equal(6, FormatOf(state));
    }

    private static byte FormatOf(NamespaceState state)
    {
        using var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part.Span));
        state.WriteSnapshot(writer);
        writer.Complete();
        using var reader = new SnapshotReader([bytes.ToArray()]);
        return reader.ReadByte();
    }

    [Fact]
    public void SettingsThatChange_AreTold_AndNoOthers()
    {
        var before = NamespaceConfig.Default;
        Assert.Equal("as before", ConfigText.Changes(before, before));
        Assert.Equal(
            "goal: 1 to 3, trash: 86400 s to 60 s, max-stored: 0 to 9",
            ConfigText.Changes(before, before with { Goal = 3, TrashRetention = TimeSpan.FromMinutes(1), MaxStoredBytes = 9 }));
    }

    [Fact]
    public void SnapshotOfATimeWithoutAudit_IsRead()
    {
        using var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part.Span));
        WriteFormer(writer, NamespaceConfig.Default with { MinReplicas = 1 });
        writer.Complete();
        using var reader = new SnapshotReader([bytes.ToArray()]);
        var read = new NamespaceState();
        read.ReadSnapshot(reader);
        Assert.True(reader.AtEnd);
        Assert.Equal((0, 0L, 0L, 3), (read.Audit.Count, read.LastAudit, read.Config.MaxStoredBytes, NamespaceQueries.EntryOf(read, 1).Goal));
    }

    // Format 5: a root with a goal, and nothing else.
    private static void WriteFormer(SnapshotWriter writer, NamespaceConfig config)
    {
        writer.WriteByte(5);
        writer.WriteInt32(7);
        writer.WriteText("test");
        writer.WriteInt64(config.ChunkSizeBytes);
        writer.WriteInt32(config.Goal);
        writer.WriteInt32((int)config.Durability);
        foreach (var number in (long[])[config.TrashRetention.Ticks, config.MaxNames, config.MaxBytes, config.LeaseTime.Ticks]) writer.WriteInt64(number);
        writer.WriteInt32(config.ChunkTableShards);
        writer.WriteInt32(config.MinReplicas);
        writer.WriteInt64(1);
        writer.WriteInt64(0);
        new OpResults().Write(writer);
        writer.WriteInt32(1);
        writer.WriteInt64(1);
        writer.WriteByte((byte)EntryType.Directory);
        for (var number = 0; number < 3; number++) writer.WriteInt32(0);
        writer.WriteInt64(0);
        writer.WriteInt64(100);
        writer.WriteByte(3);
        writer.WriteInt64(1); // the names of the root: none
        writer.WriteInt32(0);
        writer.WriteInt64(0);
        for (var empty = 0; empty < 12; empty++) writer.WriteInt32(0);
    }
}
