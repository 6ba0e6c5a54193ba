using Gofs.Grains.Maintenance.Fsck;
using Gofs.Grains.Namespaces;
using Gofs.Namespaces;
using Gofs.Tests.Namespaces;
using Xunit;

namespace Gofs.Tests.Maintenance.Fsck;

/// <summary>A walk reaches each inode of a namespace once, and sees where names, inodes and counts do not agree.</summary>
public sealed class FsckTreeTests
{
    private readonly NamespaceState state = NamespaceStates.Empty(out _);
    private long now = 10;

    [Fact]
    public void SoundTree_IsWalkedWhole_WithoutAFinding()
    {
        Fill();
        var tree = new FsckTree(state);
        Assert.Equal(state.Tree.Inodes, tree.Walk(tree.Tops()).Distinct().Count());
        tree.CheckCounts();
        tree.CheckMaster(Status(state.Tree.Inodes, state.Tree.LengthBytes), 5);
        Assert.Empty(tree.Take());
        Assert.Equal((state.Tree.Inodes, state.Tree.LengthBytes), (tree.Inodes, tree.LengthBytes));
    }

    [Fact]
    public void Subtree_IsWhatIsBelowIt()
    {
        Fill();
        Assert.Equal([2L, 3, 4], new FsckTree(state).Walk([2]).Order());
    }

    [Fact]
    public void InodeThatNoNameLeadsTo_IsFound()
    {
        Fill();
        state.Tree.Unlink(2, "f"u8);
        Assert.Contains(Findings(), finding => finding.Inode.Value == 4 && finding.What.Contains("no name leads to", StringComparison.Ordinal));
    }

    [Fact]
    public void TwoNamesOfOneInode_AreFound()
    {
        Fill();
        state.Tree.Link(1, "again"u8, 4);
        Assert.Contains(Findings(), finding => finding.Inode.Value == 4 && finding.What.Contains("more than one name", StringComparison.Ordinal));
    }

    [Fact]
    public void NameOfAnInodeThatIsGone_IsFound()
    {
        Fill();
        state.Tree.RemoveInode(4);
        Assert.Contains(Findings(), finding => finding.Inode.Value == 4 && finding.What.Contains("is not there", StringComparison.Ordinal));
    }

    [Fact]
    public void MastersFigures_AreComparedAtTheSameNumberOnly()
    {
        Fill();
        var tree = new FsckTree(state);
        tree.CheckMaster(Status(state.Tree.Inodes + 1, state.Tree.LengthBytes), 4);
        Assert.Empty(tree.Take());
        tree.CheckMaster(Status(state.Tree.Inodes + 1, state.Tree.LengthBytes), 5);
        tree.CheckMaster(Status(state.Tree.Inodes, state.Tree.LengthBytes - 1), 5);
        Assert.Equal(2, tree.Take().Length);
    }

    private FsckFinding[] Findings()
    {
        var tree = new FsckTree(state);
        _ = tree.Walk(tree.Tops()).Count();
        tree.CheckCounts();
        return tree.Take();
    }

    // /d (2), /d/e (3), /d/f (4, 100 bytes), and in the trash /gone (5) with 50.
    private void Fill()
    {
        state.Apply(new DirectoriesMade(Op(), 1, ["d"u8.ToArray(), "e"u8.ToArray()], 2, NamespaceStates.Owner, now++));
        state.Apply(new FilePut(Op(), 2, "f"u8.ToArray(), 4, NamespaceStates.Owner, default, 0, 100, now, 0, now++));
        state.Apply(new FilePut(Op(), 1, "gone"u8.ToArray(), 5, NamespaceStates.Owner, default, 0, 50, now, 0, now++));
        state.Apply(new Removed(Op(), 1, "gone"u8.ToArray(), 1, now++));
    }

    private NamespaceStatus Status(long names, long bytes) =>
        new("test", 7, NamespaceConfig.Default, names, bytes, state.Trash.Count, state.Open.Count, "s1", 1, 5, 0, null, TimeSpan.Zero);

    private OpId Op() => new(new Guid((int)now, 0, 0, new byte[8]));
}
