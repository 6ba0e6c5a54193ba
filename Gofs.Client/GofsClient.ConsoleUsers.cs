using Gofs.Cluster;

namespace Gofs;

/// <summary>Who may sign in to the console.</summary>
public sealed partial class GofsClient
{
    /// <summary>Those who may sign in to the console, by name. What their passwords are checked with is not among it.</summary>
    public async Task<IReadOnlyList<ConsoleUser>> ListConsoleUsersAsync(CancellationToken cancellation = default) =>
        await context.Retry.RunAsync("", context.Cluster, static (at, token) => at.ListConsoleUsersAsync(token), cancellation);

    /// <summary>Lets somebody sign in to the console, or changes his role or password.</summary>
    /// <param name="name">His name.</param>
    /// <param name="role">What he may do.</param>
    /// <param name="password">8 to 256 characters; null: he keeps the one he has.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.InvalidArgument"/>: the name, role or password can't be, or he is new and has none; or there are too many.
    /// </exception>
    public Task SetConsoleUserAsync(string name, ConsoleRole role, string? password = null, CancellationToken cancellation = default)
    {
        var secret = password is null ? null : ConsoleSecret.Of(password);
        return context.Caller.AsksAsync(() => context.Retry.RunAsync(
            "", (context.Cluster, name, role, secret),
            static (at, token) => at.Cluster.SetConsoleUserAsync(at.name, at.role, at.secret, token), cancellation));
    }

    /// <summary>Lets somebody no longer sign in; who is signed in is out within seconds. Nothing happens when there is no such user.</summary>
    public Task RemoveConsoleUserAsync(string name, CancellationToken cancellation = default) =>
        context.Caller.AsksAsync(() => context.Retry.RunAsync(
            "", (context.Cluster, name), static (at, token) => at.Cluster.RemoveConsoleUserAsync(at.name, token), cancellation));

    /// <summary>
    /// What somebody may do who says this name and password; <see cref="ConsoleRole.None"/>: there is no such user, or it is not his password.
    /// </summary>
    public async Task<ConsoleRole> CheckConsoleUserAsync(string name, string password, CancellationToken cancellation = default)
    {
        var user = await context.Retry.RunAsync(
            "", (context.Cluster, name), static (at, token) => at.Cluster.FindConsoleUserAsync(at.name, token), cancellation);
        // As long for nobody as for somebody, so that the time tells no names.
        var isHis = await Task.Run(() => (user?.Secret ?? ConsoleSecret.Nobodys).IsOf(password), cancellation);
        return isHis && user is not null ? user.Role : ConsoleRole.None;
    }
}
