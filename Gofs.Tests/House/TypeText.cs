using System.Reflection;
using Orleans;

namespace Gofs.Tests.House;

/// <summary>Types as text: C#'s words for what has one, the alias for what has one, else the full name.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Words = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>A type on the wire.</summary>
    public static string OnWire(Type type) => Of(type, static one => one.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias);

    /// <summary>A type as a caller of the SDK sees it.</summary>
    public static string InCode(Type type) => Of(type, static _ => null);

    private static string Of(Type type, Func<Type, string?> alias)
    {
        if (type.IsByRef) return Of(type.GetElementType()!, alias) + "&";
        if (type.IsArray) return Of(type.GetElementType()!, alias) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } under) return Of(under, alias) + "?";
        if (Words.TryGetValue(type, out var word)) return word;
        if (type.IsGenericParameter) return type.Name;
        if (alias(type) is { } known) return known;
        var name = type.FullName is null || type.Namespace is null ? type.Name : NameIn(type);
        if (!type.IsGenericType) return name;
        return $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(one => Of(one, alias)))}>";
    }

    private static string NameIn(Type type)
    {
        var name = type.DeclaringType is { } outer ? $"{outer.Name}.{type.Name}" : type.Name;
        return type.Namespace!.StartsWith("Gofs", StringComparison.Ordinal) ? $"{type.Namespace}.{name}" : name;
    }
}
