using CsCheck;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Namespaces;

/// <summary>
/// Random files, writes, clones, removals and steps of the background work against a model in which a clone copies everything: each file has the bytes
/// it should have at every moment, and when all is quiet each reference is counted once and nothing else is kept.
/// </summary>
public sealed class CloneModelTests
{
    private static readonly Gen<(int Kind, int A, int B)[]> Steps =
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 7], Gen.Int[0, 7]).Array[1, 80];

    [Fact]
    public void EveryFile_HasTheBytesACopyWouldHave_AndNoReferenceIsLostOrCountedTwice() => Steps.Sample(steps =>
    {
        var world = new CloneWorld();
        foreach (var (kind, a, b) in steps)
        {
            world.Step(kind, a, b);
            world.CheckBytes();
        }

        world.CheckReplay();
        world.Quiet();
        world.CheckBytes();
        world.CheckReferences();
    }, iter: 2000);

    [Fact]
    public void RemovedForEver_InAnyOrder_LeavesNothing() => Steps.Sample(steps =>
    {
        var world = new CloneWorld();
        foreach (var (kind, a, b) in steps) world.Step(kind, a, b);
        for (var i = 0; i < 8; i++) world.Remove(i);
        world.Quiet();
        Assert.Equal((1L, 0, 0), (world.Names, world.Rows, world.Files));
    }, iter: 500);

    [Fact]
    public void Tree_IsCopied_AndPassingTheLimitIsRefused()
    {
        var world = new CloneWorld();
        world.MakeTree(directories: 50, filesInEach: 20);
        world.Clone("/t", "/u");
        world.CheckSame("/t", "/u");
        world.CheckReplay();
        Assert.Equal(GofsError.NotPermitted, Assert.Throws<GofsException>(() => world.Clone("/", "/t/x")).Error);
        Assert.Equal(GofsError.AlreadyExists, Assert.Throws<GofsException>(() => world.Clone("/t", "/u")).Error);
    }
}
