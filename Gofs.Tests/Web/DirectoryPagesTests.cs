using System.Globalization;
using System.Text;
using CsCheck;
using Gofs.Namespaces;
using Gofs.Web.Browse;
using Xunit;

namespace Gofs.Tests.Web;

/// <summary>A directory by row numbers is the directory by names, wherever one looks first.</summary>
public sealed class DirectoryPagesTests
{
    [Fact]
    public void AnyRows_InAnyOrder_AreThoseOfTheDirectory() =>
        Gen.Select(Gen.Int[0, 9000], Gen.Select(Gen.Int[0, 9500], Gen.Int[1, 700]).Array[1, 12]).Sample((size, asked) =>
        {
            var pages = new DirectoryPages(Source(size));
            return Array.TrueForAll(asked, ask =>
            {
                var got = pages.GetAsync(ask.Item1, ask.Item2, CancellationToken.None).GetAwaiter().GetResult();
                return got.Select(entry => entry.NameText).SequenceEqual(Enumerable.Range(0, size).Skip(ask.Item1).Take(ask.Item2).Select(Name))
                    && (ask.Item1 + ask.Item2 <= size || pages.Rows == size);
            });
        }, iter: 100);

    [Fact]
    public async Task RowsSeenBefore_AreNotAskedForAgain()
    {
        var asked = 0;
        var source = Source(2000);
        var pages = new DirectoryPages((after, limit, stop) =>
        {
            asked++;
            return source(after, limit, stop);
        });
        await pages.GetAsync(1200, 50, CancellationToken.None);
        Assert.Equal(3, asked);
        await pages.GetAsync(0, 100, CancellationToken.None);
        await pages.GetAsync(1210, 50, CancellationToken.None);
        Assert.Equal(3, asked);
    }

    private static string Name(int i) => i.ToString("000000", CultureInfo.InvariantCulture);

    private static Func<byte[]?, int, CancellationToken, Task<ListPage>> Source(int size) => (after, limit, _) =>
    {
        var first = after is null ? 0 : int.Parse(Encoding.UTF8.GetString(after), CultureInfo.InvariantCulture) + 1;
        Entry[] entries = [.. Enumerable.Range(first, Math.Min(limit, size - first)).Select(i =>
            new Entry(new(i + 2), EntryType.File, 0, 0, 0, 0, 0, 1, Encoding.UTF8.GetBytes(Name(i)), null, false, 0))];
        return Task.FromResult(new ListPage(entries, first + entries.Length < size));
    };
}
