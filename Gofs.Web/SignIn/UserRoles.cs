using Gofs.Cluster;

namespace Gofs.Web.SignIn;

/// <summary>
/// What each user may do, as the cluster has it: asked again when it is some seconds old, so that a role that is taken away is gone everywhere soon, whatever
/// a cookie says. While the cluster does not answer, what was known holds for a while, and then nobody may do anything.
/// </summary>
internal sealed class UserRoles(Func<CancellationToken, Task<IReadOnlyList<ConsoleUser>>> list, TimeProvider time) : IDisposable
{
    /// <summary>What is older is asked again.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    /// <summary>What is older no longer holds.</summary>
    public static readonly TimeSpan HoldsFor = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim one = new(1);
    private volatile Known known = new([], DateTimeOffset.MinValue);

    /// <summary>What somebody may do.</summary>
    /// <exception cref="GofsException">Nobody says.</exception>
    public async Task<ConsoleRole> OfAsync(string name, CancellationToken cancellation)
    {
        if (Age >= FreshFor) await AskAsync(cancellation);
        return known.Roles.GetValueOrDefault(name);
    }

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private TimeSpan Age => known.At == DateTimeOffset.MinValue ? TimeSpan.MaxValue : time.GetUtcNow() - known.At;

    private async Task AskAsync(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            if (Age < FreshFor) return;
            using var patience = new CancellationTokenSource(Patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            var users = await list(both.Token);
            known = new(users.ToDictionary(user => user.Name, user => user.Role, StringComparer.Ordinal), time.GetUtcNow());
        }
        catch (Exception silent) when (Age < HoldsFor && !cancellation.IsCancellationRequested && silent is GofsException or OperationCanceledException)
        {
            // What is known holds.
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new GofsException(GofsError.Unavailable, "nobody says who may do what: the cluster does not answer");
        }
        finally
        {
            one.Release();
        }
    }

    private sealed record Known(Dictionary<string, ConsoleRole> Roles, DateTimeOffset At);
}
