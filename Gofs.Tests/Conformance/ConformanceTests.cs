using System.Text;
using Gofs.Namespaces;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>
/// What one subject demands of every file system, whatever it runs on: a class for each subject has the tests, and two that inherit it and say
/// where they run. Each test has a namespace of its own.
/// </summary>
public abstract class ConformanceTests(IServedSystem system)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected GofsClient Client => system.Client;

    private protected GofsClientOptions Options => system.Options;

    /// <summary>Small chunks, so that files have several; on a cluster each on every silo.</summary>
    private protected NamespaceConfig Config => NamespaceConfig.Default with { ChunkSizeBytes = 64 << 10, Goal = system.Silos };

    private protected static GofsPath At(string path) => GofsPath.Parse(path);

    private protected static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private protected static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private protected static async Task RefusedAsync(GofsError error, string path, Func<Task> operation)
    {
        var refused = await Assert.ThrowsAsync<GofsException>(operation);
        Assert.True((error, path) == (refused.Error, refused.Path), $"{refused.Error} at '{refused.Path}' instead of {error} at '{path}': {refused.Message}");
    }

    private protected static async Task<byte[]> ReadAsync(GofsNamespace files, string path)
    {
        using var copy = new MemoryStream();
        await files.GetAsync(At(path), copy, cancellation: Cancellation);
        return copy.ToArray();
    }

    /// <summary>That a file has these bytes and no others.</summary>
    private protected static async Task HasAsync(GofsNamespace files, string path, params byte[] expected)
    {
        var found = await ReadAsync(files, path);
        var same = found.AsSpan().CommonPrefixLength(expected);
        Assert.True(found.Length == expected.Length && same == found.Length, $"{path}: {found.Length} bytes instead of {expected.Length}, {same} as expected");
    }

    /// <summary>Waits for what happens in the background.</summary>
    private protected static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"not within {Patience}: {what}");
            await Task.Delay(50, Cancellation);
        }
    }

    private protected static Task<Entry> PutAsync(GofsNamespace files, string path, params byte[] content) =>
        files.PutAsync(At(path), new MemoryStream(content), cancellation: Cancellation);

    private protected static async Task<string[]> NamesAsync(GofsNamespace files, string path)
    {
        List<string> names = [];
        await foreach (var entry in files.ListAsync(At(path), Cancellation)) names.Add(entry.NameText);
        return [.. names];
    }

    /// <summary>A name no other test uses.</summary>
    private protected string NewName() => $"conformance-{system.NextNumber()}";

    private protected async Task<GofsNamespace> NamespaceAsync(NamespaceConfig? config = null)
    {
        var name = NewName();
        await Client.CreateNamespaceAsync(name, config ?? Config, Cancellation);
        return Client.Namespace(name);
    }
}
