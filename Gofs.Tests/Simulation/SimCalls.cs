using System.Reflection;
using Gofs.Tests.Sdk.Fakes;
using Orleans;

namespace Gofs.Tests.Simulation;

/// <summary>Carries a call of a grain out: who asks, which grain, what.</summary>
internal delegate Task<object?> SimCall(SimProcess from, Type type, string key, MethodInfo method, object?[] arguments);

/// <summary>Grains as processes see them: every call goes to one function.</summary>
internal static class SimCalls
{
    private static readonly MethodInfo Typed = typeof(SimCalls).GetMethod(nameof(TypedAsync), BindingFlags.Static | BindingFlags.NonPublic)!;
    private static readonly MethodInfo Proxy = typeof(SimCalls).GetMethod(nameof(ProxyOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>Grains as a process sees them.</summary>
    public static IGrainFactory GrainsFor(SimProcess process, SimCall call) => Fake.OfMethods<IGrainFactory>((method, arguments) =>
        Proxy.MakeGenericMethod(method.GetGenericArguments()).Invoke(null, [process, arguments[0]!.ToString(), call]));

    private static TGrain ProxyOf<TGrain>(SimProcess from, string key, SimCall call)
        where TGrain : class => Fake.OfMethods<TGrain>((method, arguments) =>
    {
        // A caller's token stays with it.
        object?[] sent = [.. arguments.Select(argument => argument is CancellationToken ? CancellationToken.None : argument)];
        var answer = call(from, typeof(TGrain), key, method, sent);
        return method.ReturnType == typeof(Task) ? answer : Typed.MakeGenericMethod(method.ReturnType.GetGenericArguments()).Invoke(null, [answer]);
    });

    private static async Task<T> TypedAsync<T>(Task<object?> task) => (T)(await task)!;
}
