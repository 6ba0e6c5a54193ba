using System.Runtime.CompilerServices;
using Gofs.Namespaces;

namespace Gofs.Internal;

/// <summary>The pages of a directory, each asked for when the one before it has come, so that it is on the way while that one is looked at.</summary>
internal static class PagesAhead
{
    /// <summary>All pages.</summary>
    /// <param name="read">Asks for the page after a name (null: the first).</param>
    /// <param name="pageOf">The entries of what it answers.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async IAsyncEnumerable<TPage> ReadAsync<TPage>(
        Func<byte[]?, CancellationToken, Task<TPage>> read, Func<TPage, ListPage> pageOf, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var next = read(null, stop.Token);
        try
        {
            while (next is not null)
            {
                var answer = await next;
                next = pageOf(answer) is { More: true, Entries: [.., var last] } ? read(last.Name, stop.Token) : null;
                yield return answer;
            }
        }
        finally
        {
            await stop.CancelAsync();
            if (next is not null) await next.ContinueWith(
                static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
