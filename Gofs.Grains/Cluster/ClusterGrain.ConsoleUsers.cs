using Gofs.Cluster;

namespace Gofs.Grains.Cluster;

/// <summary>Who may sign in to the console. Kept here, where all consoles of the cluster ask; only whoever checks a password is told what with.</summary>
internal sealed partial class ClusterGrain
{
    private ConsoleUser[] savedUsers = [];

    /// <inheritdoc/>
    public Task<ConsoleUser[]> ListConsoleUsersAsync(CancellationToken cancellation) =>
        Task.FromResult(Array.ConvertAll(savedUsers, one => one with { Secret = new([], [], 0) }));

    /// <inheritdoc/>
    public Task<ConsoleUser?> FindConsoleUserAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(Array.Find(savedUsers, one => one.Name == name));

    /// <inheritdoc/>
    public async Task SetConsoleUserAsync(string name, ConsoleRole role, ConsoleSecret? secret, CancellationToken cancellation)
    {
        State.SetConsoleUser(name, role, secret, Caller.Current, time.GetUtcNow());
        await SaveAsync();
    }

    /// <inheritdoc/>
    public async Task RemoveConsoleUserAsync(string name, CancellationToken cancellation)
    {
        if (State.RemoveConsoleUser(name, Caller.Current, time.GetUtcNow())) await SaveAsync();
    }
}
