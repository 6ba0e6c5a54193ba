using System.Diagnostics;
using Gofs.Ctl.CommandLine;
using Xunit;

namespace Gofs.Tests.EndToEnd;

/// <summary>The silo dies under a command: one clear line and a documented code, soon after the time the command was given.</summary>
public sealed class KilledSiloTests : IAsyncLifetime
{
    private const int TimeoutSeconds = 6;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(TimeoutSeconds + 30);
    private static readonly TimeSpan SetUpLimit = TimeSpan.FromSeconds(90);
    private SiloProcess silo = null!;

    public async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.StartAsync();
        await using var client = await GofsClient.ConnectAsync(silo.ClientOptions with { ConnectTimeout = SetUpLimit }, TestContext.Current.CancellationToken);
        await client.CreateNamespaceAsync("demo", cancellation: TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task PutOfATree_AndCat_End_AndSayWhy()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var big = Path.Combine(silo.Folder, "big");
        await using (var file = File.Create(big)) file.SetLength(48 << 20);
        Assert.Equal(0, (await GofsProcess.RunAsync(Info(60, "put", big, "demo:/big"), SetUpLimit)).ExitCode);
        var tree = Directory.CreateDirectory(Path.Combine(silo.Folder, "tree")).FullName;
        for (var i = 0; i < 20_000; i++) await File.WriteAllTextAsync(Path.Combine(tree, $"file-{i}"), "some bytes", cancellation);
        await using var client = await GofsClient.ConnectAsync(silo.ClientOptions with { ConnectTimeout = SetUpLimit }, cancellation);
        using var cat = Process.Start(Info(TimeoutSeconds, "cat", "demo:/big"))!;

        // Nobody reads on, so the pipe is full and cat is in the middle.
        await cat.StandardOutput.BaseStream.ReadExactlyAsync(new byte[1 << 20], cancellation);
        using var put = Process.Start(Info(TimeoutSeconds, "put", "-r", tree, "demo:/tree"))!;
        using var patience = new CancellationTokenSource(SetUpLimit);
        while (await client.Namespace("demo").CountAsync(GofsPath.Root, patience.Token) is { Files: < 20 }) await Task.Delay(20, patience.Token);
        await silo.KillAsync();
        var drained = cat.StandardOutput.BaseStream.CopyToAsync(Stream.Null, cancellation);
        await Task.WhenAll(IsToldAsync(put), IsToldAsync(cat));
        await drained;
    }

    private static async Task IsToldAsync(Process command)
    {
        using var patience = new CancellationTokenSource(Limit);
        try
        {
            var error = await command.StandardError.ReadToEndAsync(patience.Token);
            await command.WaitForExitAsync(patience.Token);
            Assert.Contains(command.ExitCode, new[] { ExitCodes.Of(GofsError.SiloUnreachable), ExitCodes.Of(GofsError.Timeout) });
            Assert.StartsWith("gofsctl: ", error, StringComparison.Ordinal);
            Assert.Equal(1, error.Count(c => c == '\n'));
        }
        catch (OperationCanceledException)
        {
            command.Kill();
            throw new TimeoutException($"the command went on for more than {Limit}");
        }
    }

    private ProcessStartInfo Info(int timeoutSeconds, params string[] arguments) => GofsProcess.Info(
        GofsProcess.CtlFile, ["--gateway", silo.Gateway, "--timeout", $"{timeoutSeconds}", .. arguments]);
}
