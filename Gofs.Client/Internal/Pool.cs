namespace Gofs.Internal;

/// <summary>
/// Work for the thread pool, or for what a simulation has in its place, where everything takes its turn as a seed says: as Task.Run and CancelAsync, but by
/// the scheduler that is named.
/// </summary>
internal static class Pool
{
    /// <summary>Runs work there.</summary>
    public static Task RunAsync(this TaskScheduler pool, Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, pool).Unwrap();

    /// <summary>Runs work there.</summary>
    public static Task<T> RunAsync<T>(this TaskScheduler pool, Func<Task<T>> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, pool).Unwrap();

    /// <summary>Runs work there.</summary>
    public static Task<T> RunAsync<T>(this TaskScheduler pool, Func<T> work, CancellationToken cancellation) =>
        Task.Factory.StartNew(work, cancellation, TaskCreationOptions.DenyChildAttach, pool);

    /// <summary>Cancels; whoever has asked to be told is told there.</summary>
    public static Task CancelAsync(this TaskScheduler pool, CancellationTokenSource source) =>
        Task.Factory.StartNew(source.Cancel, CancellationToken.None, TaskCreationOptions.DenyChildAttach, pool);
}
