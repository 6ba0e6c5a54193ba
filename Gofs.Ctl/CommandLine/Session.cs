using Gofs.Ctl.Targets;

namespace Gofs.Ctl.CommandLine;

/// <summary>
/// What commands of one process share: the connection, made when first asked for, and in the shell the directory that
/// targets are relative to. A command line of its own is a session of one command.
/// </summary>
internal sealed class Session(bool isShell = false) : IAsyncDisposable
{
    private readonly SemaphoreSlim connecting = new(1, 1);
    private GofsClient? client;

    /// <summary>Whether commands come from the shell.</summary>
    public bool IsShell => isShell;

    /// <summary>Whether every command prints JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>The shell's directory; null as long as there is none.</summary>
    public Target? Here { get; set; }

    /// <summary>Whether standard input is a script of commands.</summary>
    public bool IsScript { get; set; }

    /// <summary>Whether exit was said.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The exit code that was given with it.</summary>
    public int? EndCode { get; private set; }

    /// <summary>Where <c>cd -</c> leads.</summary>
    public Target? Before { get; set; }

    /// <summary>The connection's options; the first command's, or those of the shell itself.</summary>
    public GofsClientOptions? Options { get; set; }

    /// <summary>Whether a silo has been connected to.</summary>
    public bool IsConnected => client is not null;

    /// <summary>The file system.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.SiloUnreachable"/>.</exception>
    public async Task<GofsClient> ConnectAsync(CancellationToken cancellation)
    {
        if (client is not null) return client;
        await connecting.WaitAsync(cancellation);
        try
        {
            if (client is not null) return client;
            var options = Options ?? new();
            await Reachability.WaitAsync(options.Gateways, options.ConnectTimeout, cancellation);
            return client = await GofsClient.ConnectAsync(options with { ConnectTimeout = options.OperationTimeout }, cancellation);
        }
        finally
        {
            connecting.Release();
        }
    }

    /// <summary>Where a target without a namespace is, or null outside the shell.</summary>
    public Target? Base => isShell ? Here ?? Target.Nowhere : null;

    /// <summary>Ends the shell after this command.</summary>
    public void End(int? code) => (IsEnded, EndCode) = (true, code);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        connecting.Dispose();
        if (client is not null) await client.DisposeAsync();
    }
}
