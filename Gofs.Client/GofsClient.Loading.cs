using System.Text.Json;
using Gofs.Namespaces;

namespace Gofs;

/// <summary>Loading dumps.</summary>
public sealed partial class GofsClient
{
    private const int LoadPartBytes = 256 << 10;
    private static readonly TimeSpan LongWork = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Makes a namespace from a dump (<see cref="GofsNamespace.DumpAsync"/>). It gets the number it had, which must never have been used in this
    /// cluster, and its files refer to their chunks again. It is there when this ends, and not at all when this fails.
    /// </summary>
    /// <param name="dump">The dump, read to its end; not closed.</param>
    /// <param name="name">Its name here; null: the one it had.</param>
    /// <param name="namesOnly">Gives it a new number, and every file no bytes.</param>
    /// <param name="progress">Told after each part how many bytes of the dump are loaded.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.EditLogCorrupt"/>: cut off, altered or no dump. <see cref="GofsError.NamespaceExists"/>.
    /// <see cref="GofsError.NotPermitted"/>: the number is or was in use.
    /// </exception>
    public async Task<LoadedNamespace> LoadNamespaceAsync(
        Stream dump, string? name = null, bool namesOnly = false, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dump);
        var next = await ReadPartAsync(dump, cancellation);
        name ??= NameIn(next);
        var grain = context.Grains.GetGrain<INamespaceLoadGrain>(name, null);
        var id = OpId.New();
        var done = 0L;
        for (var sequence = 0L; ; sequence++)
        {
            var bytes = next;
            next = bytes.Length < LoadPartBytes ? [] : await ReadPartAsync(dump, cancellation);
            var part = new LoadPart(id, sequence, bytes, IsLast: next.Length == 0, namesOnly);
            var loaded = await context.Caller.AsksAsync(() => context.Retry.RunAsync(
                name, (grain, part), static (at, token) => at.grain.LoadAsync(at.part, token), cancellation, LongWork));
            progress?.Report(done += bytes.Length);
            if (part.IsLast) return loaded ?? throw new GofsException(GofsError.Internal, "the load ended without an answer", name);
        }
    }

    private static async Task<byte[]> ReadPartAsync(Stream dump, CancellationToken cancellation)
    {
        var buffer = new byte[LoadPartBytes];
        var read = await dump.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return read == buffer.Length ? buffer : buffer[..read];
    }

    private static string NameIn(byte[] first)
    {
        var end = Array.IndexOf(first, (byte)'\n');
        try
        {
            using var header = JsonDocument.Parse(first.AsMemory(0, Math.Max(end, 0)));
            if (header.RootElement.TryGetProperty("namespace", out var name) && name.GetString() is { Length: > 0 } text) return text;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw new GofsException(GofsError.EditLogCorrupt, "this is no dump of a namespace: its first line is no header", "", broken);
        }

        throw new GofsException(GofsError.EditLogCorrupt, "this is no dump of a namespace: its header names none");
    }
}
