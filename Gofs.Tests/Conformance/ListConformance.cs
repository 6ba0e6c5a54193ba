using System.Globalization;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Directories: all of them, in order, a page at a time, also while they change.</summary>
public abstract class ListConformance(IServedSystem system) : ConformanceTests(system)
{
    private const int MoreThanTwoPages = 2100;

    [Fact]
    public async Task LargeDirectory_IsListedInOrder_AndStaysSoWhileItChanges()
    {
        var files = await NamespaceAsync();
        var many = new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, MoreThanTwoPages), many,
            async (number, token) => await files.CreateDirectoryAsync(Numbered(number), cancellation: token));
        var names = Enumerable.Range(0, MoreThanTwoPages).Select(number => Numbered(number).NameText).ToArray();
        Assert.Equal(names, await NamesAsync(files, "/"));

        List<string> seen = [];
        await foreach (var entry in files.ListAsync(GofsPath.Root, Cancellation))
        {
            if (seen.Count == 0)
            {
                await files.RemoveAsync(Numbered(1), cancellation: Cancellation);
                await files.RemoveAsync(Numbered(MoreThanTwoPages - 1), cancellation: Cancellation);
                await files.CreateDirectoryAsync(At("/a-before-all"), cancellation: Cancellation);
            }

            seen.Add(entry.NameText);
        }

        Assert.Equal(seen.Distinct(StringComparer.Ordinal), seen);
        Assert.Empty(names.Where((_, number) => number is not 1 and not (MoreThanTwoPages - 1)).Except(seen, StringComparer.Ordinal));
        Assert.DoesNotContain(names[^1], seen);
        Assert.Equal(new TreeCount(0, MoreThanTwoPages, 0, 0), await files.CountAsync(GofsPath.Root, Cancellation));
    }

    [Fact]
    public async Task Listing_ShowsWhatStatShows()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/b", 1, 2);
        await files.CreateDirectoryAsync(At("/a/in"), parents: true, cancellation: Cancellation);
        await files.CreateSymlinkAsync(At("/c"), Utf8("b"), cancellation: Cancellation);
        await foreach (var entry in files.ListAsync(GofsPath.Root, Cancellation))
        {
            var alone = await files.StatAsync(GofsPath.Root.Append(entry.Name), followLast: false, Cancellation);
            Assert.Equal(
                (alone.Inode, alone.Type, alone.Mode, alone.LengthBytes, alone.ModifiedAt, alone.Links, alone.Entries),
                (entry.Inode, entry.Type, entry.Mode, entry.LengthBytes, entry.ModifiedAt, entry.Links, entry.Entries));
        }

        Assert.Equal(["a", "b", "c"], await NamesAsync(files, "/"));
    }

    [Fact]
    public async Task Listing_OfWhatIsNoDirectory_IsRefused()
    {
        var files = await NamespaceAsync();
        await PutAsync(files, "/f", 1);
        await files.CreateDirectoryAsync(At("/d/e"), parents: true, cancellation: Cancellation);
        await files.CreateSymlinkAsync(At("/l"), Utf8("d"), cancellation: Cancellation);
        await RefusedAsync(GofsError.NotADirectory, "/f", () => NamesAsync(files, "/f"));
        await RefusedAsync(GofsError.NotFound, "/x", () => NamesAsync(files, "/x"));
        Assert.Equal(["e"], await NamesAsync(files, "/l"));
        Assert.Empty(await NamesAsync(files, "/d/e"));
    }

    private static GofsPath Numbered(int number) => GofsPath.Root.Append($"d-{number.ToString("00000", CultureInfo.InvariantCulture)}");
}

[Collection<EmbeddedCollection>]
public sealed class EmbeddedListTests(EmbeddedSystem system) : ListConformance(system);

[Collection<ClusterCollection>]
public sealed class ClusterListTests(ClusterSystem system) : ListConformance(system);
