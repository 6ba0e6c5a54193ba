using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>What was removed or replaced can be had back, until it is purged.</summary>
public abstract class TrashConformance(IServedSystem system) : ConformanceTests(system)
{
    [Fact]
    public async Task RemovedTree_IsRestored_WithItsBytes()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d/e"), parents: true, cancellation: Cancellation);
        var content = Bytes(200_000, seed: 2);
        await PutAsync(files, "/d/e/f", content);
        await files.RemoveAsync(At("/d"), recursive: true, cancellation: Cancellation);
        var item = Assert.Single(await TrashAsync(files));
        Assert.Equal(("/d", 3L, 200_000L, EntryType.Directory), (item.OriginalPath.ToString(), item.Names, item.LengthBytes, item.Entry.Type));
        await files.RestoreAsync(item.Id, cancellation: Cancellation);
        Assert.Equal(content, await ReadAsync(files, "/d/e/f"));
        Assert.Empty(await TrashAsync(files));
    }

    [Fact]
    public async Task ReplacedFiles_AreInTheTrash_OldestFirst()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await PutAsync(files, "/f", 2);
        await PutAsync(files, "/g", 3);
        await files.RenameAsync(At("/g"), At("/f"), cancellation: Cancellation);
        var items = await TrashAsync(files);
        Assert.Equal(["/f", "/f"], items.Select(item => item.OriginalPath.ToString()));
        Assert.True(items[0].Id < items[1].Id);
        await files.RestoreAsync(items[0].Id, At("/first"), Cancellation);
        await files.RestoreAsync(items[1].Id, At("/second"), Cancellation);
        await HasAsync(files, "/first", 1);
        await HasAsync(files, "/second", 2);
        await HasAsync(files, "/f", 3);
    }

    [Fact]
    public async Task Restore_IsRefused_WhereItCanNotBe()
    {
        var files = await NamespaceAsync();
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await PutAsync(files, "/d/f", 1);
        await files.RemoveAsync(At("/d/f"), cancellation: Cancellation);
        await PutAsync(files, "/d/f", 2);
        var id = Assert.Single(await TrashAsync(files)).Id;
        await RefusedAsync(GofsError.AlreadyExists, "/d/f", () => files.RestoreAsync(id, cancellation: Cancellation));
        await RefusedAsync(GofsError.NotFound, "/x/f", () => files.RestoreAsync(id, At("/x/f"), Cancellation));
        await RefusedAsync(GofsError.TrashItemNotFound, files.Name, () => files.RestoreAsync(id + 1, cancellation: Cancellation));
        await files.RestoreAsync(id, At("/back"), Cancellation);
        await HasAsync(files, "/back", 1);
        await RefusedAsync(GofsError.TrashItemNotFound, files.Name, () => files.RestoreAsync(id, cancellation: Cancellation));
    }

    [Fact]
    public async Task Restore_InThePlaceOfAFile_SwapsTheTwo()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await PutAsync(files, "/f", 2);
        await files.RestoreAsync(Assert.Single(await TrashAsync(files)).Id, null, replace: true, Cancellation);
        await HasAsync(files, "/f", 1);
        await files.RestoreAsync(Assert.Single(await TrashAsync(files)).Id, At("/g"), replace: true, Cancellation);
        await HasAsync(files, "/g", 2);
        await files.CreateDirectoryAsync(At("/d"), cancellation: Cancellation);
        await files.RemoveAsync(At("/g"), cancellation: Cancellation);
        var id = Assert.Single(await TrashAsync(files)).Id;
        await RefusedAsync(GofsError.IsADirectory, "/d", () => files.RestoreAsync(id, At("/d"), replace: true, Cancellation));
    }

    [Fact]
    public async Task Purge_TakesOneItem_OrAll_ForEver()
    {
        var files = await NamespaceAsync();
        for (byte number = 0; number < 3; number++)
        {
            await PutAsync(files, $"/{number}", number);
            await files.RemoveAsync(At($"/{number}"), cancellation: Cancellation);
        }

        var items = await TrashAsync(files);
        Assert.Equal(1, await files.PurgeTrashAsync(items[1].Id, Cancellation));
        await RefusedAsync(GofsError.TrashItemNotFound, files.Name, () => files.PurgeTrashAsync(items[1].Id, Cancellation));
        Assert.Equal(["/0", "/2"], (await TrashAsync(files)).Select(item => item.OriginalPath.ToString()));
        Assert.Equal(2, await files.PurgeTrashAsync(cancellation: Cancellation));
        Assert.Equal(0, await files.PurgeTrashAsync(cancellation: Cancellation));
        Assert.Empty(await TrashAsync(files));
    }

    [Fact]
    public async Task WhatSkipsTheTrash_OrHasNone_IsGone()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await files.RemoveAsync(At("/f"), skipTrash: true, cancellation: Cancellation);
        var without = await NamespaceAsync(Config with { TrashRetention = TimeSpan.Zero });
        await PutAsync(without, "/f", 1);
        await PutAsync(without, "/f", 2);
        await without.RemoveAsync(At("/f"), cancellation: Cancellation);
        Assert.Empty(await TrashAsync(files));
        Assert.Empty(await TrashAsync(without));
        await UntilAsync(async () => (await without.GetStatusAsync(Cancellation)).LengthBytes == 0, "the bytes are given back");
    }

    private static async Task<List<TrashItem>> TrashAsync(GofsNamespace files)
    {
        List<TrashItem> items = [];
        await foreach (var item in files.ListTrashAsync(Cancellation)) items.Add(item);
        return items;
    }
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedTrashTests(EmbeddedSystem system) : TrashConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterTrashTests(ClusterSystem system) : TrashConformance(system);
