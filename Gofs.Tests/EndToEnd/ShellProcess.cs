using System.Diagnostics;
using System.Text;

namespace Gofs.Tests.EndToEnd;

/// <summary>A <c>gofsctl shell -k</c> that runs one command after the other; what each says is told apart by markers.</summary>
internal sealed class ShellProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private readonly Process process;
    private int number;

    public ShellProcess(IEnumerable<string> gateways, params IEnumerable<string> arguments)
    {
        var info = GofsProcess.Info(GofsProcess.CtlFile, ["shell", "-k", .. gateways.SelectMany(gateway => new[] { "--gateway", gateway }), .. arguments]);
        info.StandardErrorEncoding = Encoding.UTF8;
        info.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        process = Process.Start(info)!;
    }

    /// <summary>Runs a line; its output and what it said on standard error, the exit code taken out of it.</summary>
    public async Task<ProcessEnd> RunAsync(string line)
    {
        using var patience = new CancellationTokenSource(Limit);
        try
        {
            return await RunAsync(line, patience);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"'{line}' took more than {Limit}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        finally
        {
            process.Dispose();
        }
    }

    private async Task<ProcessEnd> RunAsync(string line, CancellationTokenSource patience)
    {
        var marker = $"marker-{++number}";
        await process.StandardInput.WriteLineAsync($"{line}\necho {marker}\n{marker}".AsMemory(), patience.Token);
        await process.StandardInput.FlushAsync(patience.Token);
        var output = ReadAsync(process.StandardOutput, [marker, $"{{\"text\":\"{marker}\"}}"], patience.Token);
        var error = await ReadAsync(process.StandardError, [$"gofsctl: there is no command '{marker}' (see gofsctl --help)"], patience.Token);
        await process.StandardError.ReadLineAsync(patience.Token);
        const string CodeStart = "[exit code ";
        var at = error.LastIndexOf(CodeStart, StringComparison.Ordinal);
        var code = at < 0 ? 0 : int.Parse(error.AsSpan(at + CodeStart.Length, error.IndexOf(']', at) - at - CodeStart.Length), provider: null);
        return new(code, await output, at < 0 ? error : error[..at]);
    }

    /// <summary>What comes before one of the texts that end it, which may follow on the same line.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, string[] ends, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (Array.Find(ends, end => line.EndsWith(end, StringComparison.Ordinal)) is { } end) return text.Append(line[..^end.Length]).ToString();
            text.Append(line).Append('\n');
        }

        throw new InvalidOperationException($"the shell ended: {text}");
    }
}
