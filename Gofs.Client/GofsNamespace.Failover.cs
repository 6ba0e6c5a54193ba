using Gofs.Namespaces;

namespace Gofs;

/// <summary>Moving the master on purpose.</summary>
public sealed partial class GofsNamespace
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Moves the master to its standby on <paramref name="silo"/> (null: the warmest), and ends when the new one answers. Clients see a delay, no
    /// failure. A master that is on that silo already stays. However often it is tried, it moves once.
    /// </summary>
    /// <param name="silo">The silo's name, or null.</param>
    /// <param name="cancellation">Ends the wait; the move may go on.</param>
    /// <exception cref="GofsException">
    /// <see cref="GofsError.NoStandby"/>: there is none (there), or its silo is being drained; the master stays, or, when the standby was lost at that moment,
    /// was started where the message says. <see cref="GofsError.Timeout"/>: look where it is.
    /// </exception>
    public async Task<MasterMove> FailoverAsync(string? silo = null, CancellationToken cancellation = default)
    {
        var before = await GetStatusAsync(cancellation);
        if (before.Silo == silo) return new(Name, before.Silo, before.Silo, before.Epoch, TimeSpan.Zero);
        var started = context.Time.GetTimestamp();
        await context.Caller.AsksAsync(() => context.Retry.RunAsync(
            Name, (tree, before.Epoch, silo), static (at, token) => at.tree.MoveMasterAsync(at.Epoch, at.silo, token), cancellation));
        while (true)
        {
            var now = await GetStatusAsync(cancellation);
            var took = context.Time.GetElapsedTime(started);
            if (now.Epoch > before.Epoch)
            {
                return now.Silo != before.Silo && now.Silo == (silo ?? now.Silo)
                    ? new(Name, before.Silo, now.Silo, now.Epoch, took)
                    : throw new GofsException(GofsError.NoStandby, $"the standby did not take over: the master was started on {now.Silo}", Name);
            }

            if (took > context.Options.OperationTimeout)
                throw new GofsException(GofsError.Timeout, $"the master is still on {before.Silo}", Name);
            await Task.Delay(BetweenLooks, context.Time, cancellation);
        }
    }
}
