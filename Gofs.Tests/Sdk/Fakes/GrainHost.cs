using System.Reflection;
using Orleans;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Timers;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>
/// A grain as it is, without a silo: the grains it calls are the test's, and the test makes its calls. Its turns come one at a time.
/// </summary>
internal sealed class GrainHost : IServiceProvider
{
    private static readonly ContextSetter SetContext = typeof(Grain).Assembly.GetType("Orleans.Runtime.RuntimeContext")!
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
        .Single(method => method.Name == "SetExecutionContext" && method.GetParameters().Length == 2).CreateDelegate<ContextSetter>();

    private readonly TaskScheduler turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly Dictionary<Type, object> services;
    private readonly IGrainContext context;

    /// <summary>A host of one grain.</summary>
    /// <param name="key">The grain's key.</param>
    /// <param name="find">The grains it calls, by their interface and key.</param>
    /// <param name="time">The clock.</param>
    public GrainHost(string key, Func<Type, string, object> find, TimeProvider time)
    {
        Grains = Fake.OfMethods<IGrainFactory>((method, arguments) => find(method.GetGenericArguments()[0], arguments[0]!.ToString()!));
        var id = GrainId.Create("test", key);
        context = Fake.Of<IGrainContext>((method, _) => method switch
        {
            "get_GrainId" => id,
            "get_ActivationServices" => this,
            "Deactivate" => null,
            _ => Fake.Unexpected(method),
        });
        // No timer ever comes: a test makes what it would do.
        var registry = Fake.Of<ITimerRegistry>((_, _) => Fake.Of<IGrainTimer>((_, _) => null));
        var runtime = Fake.Of<IGrainRuntime>((method, _) => method switch
        {
            "get_GrainFactory" => Grains,
            "get_TimerRegistry" => registry,
            "get_ServiceProvider" => this,
            "get_TimeProvider" => time,
            "DeactivateOnIdle" => null,
            _ => Fake.Unexpected(method),
        });
        services = new() { [typeof(IGrainRuntime)] = runtime, [typeof(ITimerRegistry)] = registry };
    }

    private delegate void ContextSetter(IGrainContext? next, out IGrainContext? former);

    /// <summary>What the grain calls.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Makes a grain in a context.</summary>
    public static T Make<T>(IGrainContext context, Func<T> make)
        where T : Grain
    {
        SetContext(context, out var former);
        try
        {
            return make();
        }
        finally
        {
            SetContext(former, out _);
        }
    }

    /// <summary>Makes the grain and activates it.</summary>
    public Task<T> StartAsync<T>(Func<T> make)
        where T : Grain => TurnAsync(async () =>
    {
        var grain = Make(context, make);
        await grain.OnActivateAsync(CancellationToken.None);
        return grain;
    });

    /// <summary>A call, in the grain's turn; what it awaits comes back to another turn.</summary>
    public Task<T> TurnAsync<T>(Func<Task<T>> call) =>
        Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, turns).Unwrap();

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => services.GetValueOrDefault(serviceType);
}
