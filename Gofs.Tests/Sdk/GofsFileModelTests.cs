using Gofs.Namespaces;
using Gofs.Tests.EndToEnd;
using Xunit;

namespace Gofs.Tests.Sdk;

/// <summary>A Gofs file is a stream like any other, on a real silo, over many small chunks.</summary>
public sealed class GofsFileModelTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private const int Operations = 200;
    private static readonly NamespaceConfig SmallChunks = NamespaceConfig.Default with { ChunkSizeBytes = 64 << 10 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task RandomOperations_AreAsOnALocalFile(int seed)
    {
        var files = await NamespaceAsync($"model-{seed}");
        await using var model = new FileModel(files, GofsPath.Parse("/file"), Path.Combine(fixture.Silo.Folder, $"local-{seed}"), seed);
        await model.RunAsync(Operations, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task SecondWriter_IsRefused_UntilTheFirstHasClosed()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var files = await NamespaceAsync("writers");
        var path = GofsPath.Parse("/file");
        await using (await files.OpenAsync(path, FileMode.Create, FileAccess.Write, cancellation: cancellation))
        {
            var refused = await Assert.ThrowsAsync<GofsException>(() => files.OpenAsync(path, FileMode.Open, FileAccess.Write, cancellation: cancellation));
            Assert.Equal((GofsError.LeaseHeld, "/file"), (refused.Error, refused.Path));
        }

        await using var second = await files.OpenAsync(path, FileMode.Open, FileAccess.Write, cancellation: cancellation);
        Assert.True(second.CanWrite);
    }

    [Fact]
    public async Task OldReader_OfAFileThatWasCut_ReadsWhatWasThere_AndNothingElse()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var files = await NamespaceAsync("cut");
        var path = GofsPath.Parse("/file");
        await files.PutAsync(path, new MemoryStream(Enumerable.Repeat((byte)7, 200_000).ToArray()), cancellation: cancellation);
        await using var reader = await files.OpenAsync(path, FileMode.Open, FileAccess.Read, cancellation: cancellation);
        await using (var writer = await files.OpenAsync(path, FileMode.Open, FileAccess.Write, cancellation: cancellation))
            await writer.SetLengthAsync(100_000, cancellation);
        using var copy = new MemoryStream();
        await reader.CopyToAsync(copy, cancellation);
        Assert.True(copy.ToArray().AsSpan().IndexOfAnyExcept((byte)7) < 0, "zeros were read that nobody has written");
        Assert.InRange(copy.Length, 100_000, 200_000);
    }

    private async Task<GofsNamespace> NamespaceAsync(string name)
    {
        await fixture.Client.CreateNamespaceAsync(name, SmallChunks, TestContext.Current.CancellationToken);
        return fixture.Client.Namespace(name);
    }
}
