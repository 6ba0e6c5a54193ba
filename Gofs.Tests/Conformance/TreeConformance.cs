using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Names: made, looked at, moved by POSIX's rules, removed.</summary>
public abstract class TreeConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task NewDirectory_IsWhatWasAskedFor()
    {
        var files = await NamespaceAsync();
        var made = await files.CreateDirectoryAsync(At("/d"), ownership: new Ownership(0x1C0, 7, 8), cancellation: Cancellation);
        Assert.Equal((EntryType.Directory, 0x1C0, 7u, 8u, "d", 0), (made.Type, made.Mode, made.Owner, made.Group, made.NameText, made.Entries));
        Assert.Equal(made.Inode, (await files.StatAsync(At("/d"), cancellation: Cancellation)).Inode);
        Assert.Equal(0x1ED, (await files.CreateDirectoryAsync(At("/d/e"), cancellation: Cancellation)).Mode);
        Assert.Equal(1, (await files.StatAsync(At("/d"), cancellation: Cancellation)).Entries);
    }

    [Fact]
    public async Task Directory_IsRefused_WhereItCanNotBe()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await PutAsync(files, "/f", 1);
        await RefusedAsync(GofsError.AlreadyExists, "/d", () => files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation));
        await RefusedAsync(GofsError.AlreadyExists, "/f", () => files.CreateDirectoryAsync(At("/f"), parents: true, cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x/y", () => files.CreateDirectoryAsync(At("/x/y"), cancellation: Cancellation));
        await RefusedAsync(GofsError.NotADirectory, "/f/d", () => files.CreateDirectoryAsync(At("/f/d"), cancellation: Cancellation));
        await RefusedAsync(GofsError.InvalidArgument, "/m", () => files.CreateDirectoryAsync(At("/m"), false, new(0x1000, 0, 0), Cancellation));
        Assert.Equal(["d", "f"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task Parents_AreMade_AndMayBeThere()
    {
        var files = await NamespaceAsync();
        var first = await files.CreateDirectoryAsync(At("/a/b/c"), parents: true, cancellation: Cancellation);
        var second = await files.CreateDirectoryAsync(At("/a/b/c"), parents: true, cancellation: Cancellation);
        Assert.Equal(first.Inode, second.Inode);
        Assert.Equal(new TreeCount(0, 4, 0, 0), await files.CountAsync(GofsPath.Root, Cancellation));
    }

    [Fact]
    public async Task ManyAtOnce_EachHasItsOwnOutcome()
    {
        const int Names = 150;
        var files = await NamespaceAsync();
        var twice = Enumerable.Range(0, 2 * Names).Select(async i =>
        {
            try
            {
                return (await files.CreateDirectoryAsync(At($"/{i % Names}"), cancellation: Cancellation)).NameText;
            }
            catch (GofsException refused) when (refused.Error == GofsError.AlreadyExists)
            {
                return refused.Path;
            }
        });
        var outcomes = await Task.WhenAll(twice);
        Assert.Equal(Enumerable.Range(0, Names).SelectMany(i => new[] { $"{i}", $"/{i}" }).Order(), outcomes.Order());
        var found = await Task.WhenAll(Enumerable.Range(0, 2 * Names).Select(i => files.FindAsync(At($"/{i}"), cancellation: Cancellation)));
        Assert.Equal(Names, found.Count(entry => entry is not null));
        Assert.All(found, (entry, i) => Assert.Equal(i < Names ? $"{i}" : null, entry?.NameText));
    }

    [Fact]
    public async Task WhatIsNotThere_IsToldApart()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        Assert.Null(await files.FindAsync(At("/x"), cancellation: Cancellation));
        Assert.Null(await files.FindAsync(At("/x/y"), cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.StatAsync(At("/x"), cancellation: Cancellation));
        await RefusedAsync(GofsError.NotADirectory, "/f/y", () => files.FindAsync(At("/f/y"), cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.CountAsync(At("/x"), Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.RemoveAsync(At("/x"), cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x", () => files.RenameAsync(At("/x"), At("/y"), cancellation: Cancellation));
    }

    [Fact]
    public async Task NamesAreBytes()
    {
        var files = await NamespaceAsync();
        byte[][] names = [[0xFF, 0xFE], [(byte)'\n'], Utf8("ä"), Utf8(new string('n', GofsPath.MaxNameBytes))];
        foreach (var name in names) await files.CreateDirectoryAsync(GofsPath.Root.Append(name), cancellation: Cancellation);
        List<byte[]> found = [];
        await foreach (var entry in files.ListAsync(GofsPath.Root, Cancellation)) found.Add(entry.Name);
        Assert.Equal(names.OrderBy(Convert.ToHexString, StringComparer.Ordinal), found);
    }

    [Fact]
    public async Task Rename_MovesATree_WithItsInodes()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/a/b"), parents: true, cancellation: Cancellation);
        await files.CreateDirectoryAsync(At("/to"), cancellation: Cancellation);
        var file = await PutAsync(files, "/a/b/f", 1, 2, 3);
        await files.RenameAsync(At("/a"), At("/to/z"), cancellation: Cancellation);
        Assert.Equal(file.Inode, (await files.StatAsync(At("/to/z/b/f"), cancellation: Cancellation)).Inode);
        await HasAsync(files, "/to/z/b/f", 1, 2, 3);
        Assert.Equal(["to"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task Rename_ReplacesAFile_AndAnEmptyDirectory()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/a", 1);
        await PutAsync(files, "/b", 2);
        await files.RenameAsync(At("/a"), At("/b"), cancellation: Cancellation);
        await HasAsync(files, "/b", 1);
        foreach (var name in new[] { "/d", "/e", "/d/in" }) await files.CreateDirectoryAsync(At(name), cancellation: Cancellation);
        await files.RenameAsync(At("/d"), At("/e"), cancellation: Cancellation);
        Assert.Equal(["b", "e"], await NamesAsync(files, "/"));
        Assert.Equal(["in"], await NamesAsync(files, "/e"));
        await files.RenameAsync(At("/b"), At("/b"), cancellation: Cancellation);
        await HasAsync(files, "/b", 1);
    }

    [Fact]
    public async Task Rename_IsRefused_ByPosixsRules()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        foreach (var name in new[] { "/d", "/full", "/full/in" }) await files.CreateDirectoryAsync(At(name), cancellation: Cancellation);
        await RefusedRenameAsync(files, GofsError.NotADirectory, "/d", "/f", "/f");
        await RefusedRenameAsync(files, GofsError.IsADirectory, "/f", "/d", "/d");
        await RefusedRenameAsync(files, GofsError.DirectoryNotEmpty, "/d", "/full", "/full");
        await RefusedRenameAsync(files, GofsError.NotPermitted, "/full", "/full/in/x", "/full/in/x");
        await RefusedRenameAsync(files, GofsError.NotPermitted, "/", "/x", "/");
        await RefusedRenameAsync(files, GofsError.NotPermitted, "/d", "/", "/");
        await RefusedRenameAsync(files, GofsError.NotFound, "/f", "/x/y", "/x/y");
        await RefusedRenameAsync(files, GofsError.NotADirectory, "/d", "/f/y", "/f/y");
        await RefusedAsync(GofsError.AlreadyExists, "/d", () => files.RenameAsync(At("/full/in"), At("/d"), noReplace: true, Cancellation));
        await files.RenameAsync(At("/full/in"), At("/full/out"), noReplace: true, Cancellation);
        Assert.Equal(["out"], await NamesAsync(files, "/full"));
    }

    [Fact]
    public async Task Rename_OfASymlink_MovesTheSymlink()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await files.CreateSymlinkAsync(At("/l"), Utf8("f"), cancellation: Cancellation);
        await files.RenameAsync(At("/l"), At("/m"), cancellation: Cancellation);
        Assert.Equal(EntryType.Symlink, (await files.StatAsync(At("/m"), followLast: false, Cancellation)).Type);
        Assert.Equal(["f", "m"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task Remove_TakesATreeOnlyWhenToldTo()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d/e"), parents: true, cancellation: Cancellation);
        await PutAsync(files, "/d/f", 1);
        await RefusedAsync(GofsError.DirectoryNotEmpty, "/d", () => files.RemoveAsync(At("/d"), cancellation: Cancellation));
        await RefusedAsync(GofsError.NotPermitted, "/", () => files.RemoveAsync(GofsPath.Root, recursive: true, cancellation: Cancellation));
        Assert.Equal(new TreeCount(1, 2, 0, 1) { StoredBytes = Config.Goal }, await files.CountAsync(At("/d"), Cancellation));
        await files.RemoveAsync(At("/d/e"), cancellation: Cancellation);
        await files.RemoveAsync(At("/d"), recursive: true, cancellation: Cancellation);
        Assert.Empty(await NamesAsync(files, "/"));
    }

    private static Task RefusedRenameAsync(GofsNamespace files, GofsError error, string from, string to, string path) =>
        RefusedAsync(error, path, () => files.RenameAsync(At(from), At(to), cancellation: Cancellation));
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedTreeTests(EmbeddedSystem system) : TreeConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterTreeTests(ClusterSystem system) : TreeConformance(system);
