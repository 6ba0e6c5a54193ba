using Gofs.Tests.EndToEnd;
using Gofs.Tests.House;
using Xunit;

namespace Gofs.Tests.Manual;

/// <summary>What docs/sdk.md shows is so.</summary>
public sealed class SdkManualTests(SiloFixture fixture) : IClassFixture<SiloFixture>
{
    private const string Page = "docs/sdk.md";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Examples_CompileAndWriteWhatThePageSays()
    {
        var text = Repository.Read(Page).Replace("127.0.0.1:30000", fixture.Silo.Gateway, StringComparison.Ordinal);
        var examples = ManualExample.Of(Page, text).ToList();
        Assert.True(examples.Count(example => example.Output.Length > 0) > 10, "the page's examples are found");
        var runs = ExampleCompiler.Compile(examples);
        for (var i = 0; i < examples.Count; i++)
        {
            await using var output = new StringWriter { NewLine = "\n" };
            var surroundings = new ExampleSurroundings(fixture.Client, fixture.Client.Namespace("demo"), fixture.Client.Grains, output);
            try
            {
                await runs[i](surroundings).WaitAsync(Limit, TestContext.Current.CancellationToken);
            }
            catch (Exception failed)
            {
                throw new InvalidOperationException($"{examples[i]} failed: {failed.Message}", failed);
            }

            Assert.True(examples[i].Output == output.ToString(), $"{examples[i]} writes\n{output}\nnot\n{examples[i].Output}");
        }
    }
}
