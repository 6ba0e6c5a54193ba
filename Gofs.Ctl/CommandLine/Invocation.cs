using System.CommandLine;
using Gofs.Ctl.Targets;

namespace Gofs.Ctl.CommandLine;

/// <summary>One run of one command: its arguments, its connection (made when first asked for), its output.</summary>
internal sealed class Invocation(ParseResult parse, CancellationToken cancellation) : IAsyncDisposable
{
    private GofsClient? client;

    /// <summary>Ends it.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Where data goes.</summary>
    public Printer Out { get; } = new(parse.GetValue(GlobalOptions.Json));

    /// <summary>How many parts of the work failed.</summary>
    public int Failures { get; private set; }

    /// <summary>The exit code so far.</summary>
    public int ExitCode => Failures == 0 ? ExitCodes.Done : ExitCodes.Partial;

    /// <summary>The value of an argument or option.</summary>
    public T Get<T>(Argument<T> argument) => parse.GetValue(argument)!;

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    /// <summary>The file system.</summary>
    public async Task<GofsClient> ConnectAsync() => client ??= await GofsClient.ConnectAsync(GlobalOptions.ClientOptions(parse), cancellation);

    /// <summary>The namespace a target is in.</summary>
    public async Task<GofsNamespace> FilesAsync(Target target) => (await ConnectAsync()).Namespace(target.Namespace!);

    /// <summary>Says what failed and goes on.</summary>
    public void Fail(Exception failed)
    {
        Failures++;
        Console.Error.WriteLine($"gofsctl: {Line(failed)}");
    }

    /// <summary>The one line for a failure.</summary>
    public static string Line(Exception failed) => failed switch
    {
        GofsException { Path: "" } known => known.Detail,
        GofsException known => $"{known.Path}: {known.Detail}",
        Local.LocalFileException local => $"{local.Path}: {local.Message}",
        _ => failed.Message,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Out.DisposeAsync();
        if (client is not null) await client.DisposeAsync();
    }
}
