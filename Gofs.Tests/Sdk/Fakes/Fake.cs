using System.Reflection;

namespace Gofs.Tests.Sdk.Fakes;

/// <summary>An interface whose calls go to one function: a grain, or whoever gives out grains.</summary>
internal class Fake : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> answer = (_, _) => null;

    /// <summary>Makes one; <paramref name="answer"/> gets the method's name and the arguments.</summary>
    public static T Of<T>(Func<string, object?[], object?> answer)
        where T : class => OfMethods<T>((method, arguments) => answer(method.Name, arguments));

    /// <summary>Makes one; <paramref name="answer"/> gets the method, with its type arguments, and the arguments.</summary>
    public static T OfMethods<T>(Func<MethodInfo, object?[], object?> answer)
        where T : class
    {
        var proxy = Create<T, Fake>();
        ((Fake)(object)proxy).answer = answer;
        return proxy;
    }

    /// <summary>What a grain that does not know a call says.</summary>
    public static object? Unexpected(string method) => throw new NotSupportedException($"the test expects no call of {method}");

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => answer(targetMethod!, args ?? []);
}
