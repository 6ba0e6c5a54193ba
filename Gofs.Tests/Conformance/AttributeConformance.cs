using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Modes, owners, times, extended attributes, and symlinks.</summary>
public abstract class AttributeConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task Attributes_ThatAreGiven_Change_AndOthersStay()
    {
        var files = await NamespaceAsync();
        var before = await PutAsync(files, "/f", 1, 2);
        var mode = await files.SetAttributesAsync(At("/f"), mode: 0xFFF, cancellation: Cancellation);
        Assert.Equal((0xFFF, before.Owner, before.ModifiedAt), (mode.Mode, mode.Owner, mode.ModifiedAt));
        await files.SetAttributesAsync(At("/f"), owner: uint.MaxValue, group: 5, cancellation: Cancellation);
        await files.SetAttributesAsync(At("/f"), modifiedAt: -1_000_000_007, cancellation: Cancellation);
        var after = await files.StatAsync(At("/f"), cancellation: Cancellation);
        Assert.Equal((0xFFF, uint.MaxValue, 5u, -1_000_000_007, 2), (after.Mode, after.Owner, after.Group, after.ModifiedAt, after.LengthBytes));
        Assert.Equal((1, false), (after.Links, after.IsOpenForWriting));
        await RefusedAsync(GofsError.InvalidArgument, "/f", () => files.SetAttributesAsync(At("/f"), mode: 0x1000, cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.SetAttributesAsync(At("/x"), mode: 1, cancellation: Cancellation));
    }

    [Fact]
    public async Task ExtendedAttributes_AreKept_ListedInOrder_AndRemoved()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        var large = Bytes(64 << 10, seed: 1);
        await files.SetExtendedAttributeAsync(At("/d"), "user.b", large, Cancellation);
        await files.SetExtendedAttributeAsync(At("/d"), "user.a", [], Cancellation);
        Assert.Equal(["user.a", "user.b"], await files.ListExtendedAttributesAsync(At("/d"), Cancellation));
        Assert.Equal(large, await files.GetExtendedAttributeAsync(At("/d"), "user.b", Cancellation));
        Assert.Equal(Array.Empty<byte>(), await files.GetExtendedAttributeAsync(At("/d"), "user.a", Cancellation));
        Assert.Null(await files.GetExtendedAttributeAsync(At("/d"), "user.c", Cancellation));
        await files.RenameAsync(At("/d"), At("/e"), cancellation: Cancellation);
        await files.SetExtendedAttributeAsync(At("/e"), "user.a", null, Cancellation);
        Assert.Equal(["user.b"], await files.ListExtendedAttributesAsync(At("/e"), Cancellation));
    }

    [Fact]
    public async Task ExtendedAttributes_OutOfRange_AreRefused()
    {
        var files = await NamespaceAsync();
        var tooLong = new string('n', GofsPath.MaxNameBytes + 1);
        await RefusedAsync(GofsError.InvalidArgument, "/", () => files.SetExtendedAttributeAsync(GofsPath.Root, tooLong, [1], Cancellation));
        await RefusedAsync(GofsError.InvalidArgument, "/", () => files.SetExtendedAttributeAsync(GofsPath.Root, "", [1], Cancellation));
        await RefusedAsync(GofsError.InvalidArgument, "/", () => files.SetExtendedAttributeAsync(GofsPath.Root, "a", new byte[(64 << 10) + 1], Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.SetExtendedAttributeAsync(At("/x"), "a", [1], Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.GetExtendedAttributeAsync(At("/x"), "a", Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.ListExtendedAttributesAsync(At("/x"), Cancellation));
        Assert.Empty(await files.ListExtendedAttributesAsync(GofsPath.Root, Cancellation));
    }

    [Fact]
    public async Task Symlink_IsFollowed_OnTheWay_AndAtTheEndUnlessToldNotTo()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d/e"), parents: true, cancellation: Cancellation);
        var file = await PutAsync(files, "/d/f", 1, 2, 3);
        var link = await files.CreateSymlinkAsync(At("/d/e/up"), Utf8("../f"), new Ownership(0x1FF, 3, 4), modifiedAt: 99, Cancellation);
        await files.CreateSymlinkAsync(At("/abs"), Utf8("/d/e"), cancellation: Cancellation);
        Assert.Equal((EntryType.Symlink, "../f", 4L, 99L, 3u), (link.Type, System.Text.Encoding.UTF8.GetString(link.SymlinkTarget!), link.LengthBytes,
            link.ModifiedAt, link.Owner));
        Assert.Equal(file.Inode, (await files.StatAsync(At("/abs/up"), cancellation: Cancellation)).Inode);
        Assert.Equal(link.Inode, (await files.StatAsync(At("/abs/up"), followLast: false, Cancellation)).Inode);
        await HasAsync(files, "/abs/up", 1, 2, 3);
        await PutAsync(files, "/abs/up", 4);
        await HasAsync(files, "/d/f", 4);
        Assert.Equal(EntryType.Symlink, (await files.FindAsync(At("/d/e/up"), followLast: false, Cancellation))?.Type);
        await files.RemoveAsync(At("/abs"), cancellation: Cancellation);
        await HasAsync(files, "/d/e/up", 4);
    }

    [Fact]
    public async Task SymlinkThatLeadsNowhere_OrInACircle_IsTold()
    {
        var files = await NamespaceAsync();
        await files.CreateSymlinkAsync(At("/gone"), Utf8("nowhere"), cancellation: Cancellation);
        await files.CreateSymlinkAsync(At("/a"), Utf8("b"), cancellation: Cancellation);
        await files.CreateSymlinkAsync(At("/b"), Utf8("a"), cancellation: Cancellation);
        Assert.Null(await files.FindAsync(At("/gone"), cancellation: Cancellation));
        Assert.NotNull(await files.FindAsync(At("/gone"), followLast: false, Cancellation));
        await RefusedAsync(GofsError.TooManySymlinks, "/a", () => files.StatAsync(At("/a"), cancellation: Cancellation));
        await RefusedAsync(GofsError.AlreadyExists, "/a", () => files.CreateSymlinkAsync(At("/a"), Utf8("c"), cancellation: Cancellation));
        await RefusedAsync(GofsError.InvalidPath, "/c", () => files.CreateSymlinkAsync(At("/c"), Array.Empty<byte>(), cancellation: Cancellation));
        await RefusedAsync(GofsError.InvalidPath, "/c", () => files.CreateSymlinkAsync(At("/c"), new byte[4097], cancellation: Cancellation));
        await PutAsync(files, "/gone", 5);
        await HasAsync(files, "/nowhere", 5);
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedAttributeTests(EmbeddedSystem system) : AttributeConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterAttributeTests(ClusterSystem system) : AttributeConformance(system);
