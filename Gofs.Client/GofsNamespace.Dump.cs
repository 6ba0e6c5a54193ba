using Gofs.Namespaces;

namespace Gofs;

/// <summary>Dumps.</summary>
public sealed partial class GofsNamespace
{
    /// <summary>
    /// Writes the whole metadata of the namespace, as of one EditLog number, as text (docs/formats.md, "Dump"): what
    /// <see cref="GofsClient.LoadNamespaceAsync"/> reads. Files' bytes are not in it. Files open for writing are dumped at their flushed length.
    /// </summary>
    /// <param name="to">Where to; it is neither flushed nor closed.</param>
    /// <param name="progress">Told after each page.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NamespaceNotFound"/>; <see cref="GofsError.InvalidArgument"/>: the silo that made the dump was restarted.
    /// </exception>
    public async Task<DumpCounts> DumpAsync(Stream to, IProgress<DumpCounts>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        var grain = context.Grains.GetGrain<INamespaceDumpGrain>($"{Name}/{OpId.New().Value:N}", null);
        for (var page = 0L; ; page++)
        {
            var part = await context.Retry.RunAsync(
                Name, (grain, page), static (at, token) => at.grain.ReadAsync(at.page, token), cancellation, LongWork);
            await to.WriteAsync(part.Bytes, cancellation);
            progress?.Report(part.Counts);
            if (part.IsLast) return part.Counts;
        }
    }
}
