using Microsoft.Extensions.Options;

namespace Gofs.Tests.ChunkServers;

/// <summary>Options that a test sets to something else, and whoever listens hears of it.</summary>
internal sealed class SetOptions<T>(T first) : IOptionsMonitor<T>
{
    private readonly List<Action<T, string?>> listeners = [];

    public T CurrentValue { get; private set; } = first;

    public T Get(string? name) => CurrentValue;

    public IDisposable? OnChange(Action<T, string?> listener)
    {
        listeners.Add(listener);
        return null;
    }

    public void Set(T now)
    {
        CurrentValue = now;
        foreach (var listener in listeners) listener(now, null);
    }
}
