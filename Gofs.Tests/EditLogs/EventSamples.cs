using System.Collections;
using System.Globalization;
using System.Reflection;
using Gofs.Grains.Namespaces;

namespace Gofs.Tests.EditLogs;

/// <summary>
/// Samples of events, made from their constructors with values that depend on nothing but the place of each parameter; and what an event says,
/// as "member=value" for each of its parts.
/// </summary>
internal static class EventSamples
{
    /// <summary>The concrete events of a family.</summary>
    public static IEnumerable<Type> TypesOf(Type family) =>
        family.Assembly.GetTypes().Where(type => type.IsSubclassOf(family) && !type.IsAbstract).OrderBy(type => type.Name, StringComparer.Ordinal);

    /// <summary>A sample of a type.</summary>
    public static object Make(Type type)
    {
        var seed = 0;
        return Make(type, ref seed);
    }

    /// <summary>Every part of an event.</summary>
    public static IEnumerable<string> Describe(object sample) => Describe(sample, "");

    private static object Make(Type type, ref int seed)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Make(inner, ref seed);
        seed++;
        if (type == typeof(byte[])) return new byte[] { (byte)('a' + seed), (byte)'b', 0xC3, 0xA4 };
        if (type.IsArray)
        {
            var array = Array.CreateInstance(type.GetElementType()!, 2);
            for (var i = 0; i < 2; i++) array.SetValue(Make(type.GetElementType()!, ref seed), i);
            return array;
        }

        if (type == typeof(NamespaceEvent)) return Make(typeof(ConfigSet), ref seed); // in an event that has another
        if (type.IsEnum) return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        if (type == typeof(string)) return $"text {seed} ä";
        if (type == typeof(bool)) return true;
        if (type == typeof(Guid)) return new Guid(seed, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        if (type == typeof(TimeSpan)) return TimeSpan.FromMilliseconds(1234 * seed);
        if (type == typeof(long)) return 1_000_000_007L * 1_000 * seed;
        if (type.IsPrimitive) return Convert.ChangeType(100 + seed, type, CultureInfo.InvariantCulture);
        var constructor = Constructor(type) ?? throw new NotSupportedException($"EventSamples can't make a {type}: give it a line here");
        var arguments = new List<object>();
        foreach (var parameter in constructor.GetParameters()) arguments.Add(Make(parameter.ParameterType, ref seed));
        return constructor.Invoke([.. arguments]);
    }

    private static IEnumerable<string> Describe(object? value, string path)
    {
        switch (value)
        {
            case null: return [$"{path}=null"];
            case byte[] bytes: return [$"{path}=0x{Convert.ToHexStringLower(bytes)}"];
            case string text: return [$"{path}={Uri.EscapeDataString(text)}"];
            case IEnumerable many:
                var parts = many.Cast<object?>().ToArray();
                return parts.SelectMany((part, at) => Describe(part, $"{path}[{at}]")).Prepend($"{path}.Count={parts.Length}");
            case Enum or bool or Guid: return [$"{path}={value}"];
            case TimeSpan span: return [$"{path}={span.Ticks}"];
            case IFormattable number when value.GetType().IsPrimitive: return [$"{path}={number.ToString(null, CultureInfo.InvariantCulture)}"];
        }

        var members = Constructor(value.GetType())?.GetParameters().Select(parameter => value.GetType().GetProperty(parameter.Name!)!) ?? [];
        var prefix = path.Length == 0 ? "" : path + ".";
        return members.SelectMany(member => Describe(member.GetValue(value), prefix + member.Name));
    }

    // The one with the most parameters, each of which is a property: a record's own.
    private static ConstructorInfo? Constructor(Type type) => type.GetConstructors()
        .Where(one => one.GetParameters().All(parameter => parameter.Name is { } name && type.GetProperty(name) is not null))
        .MaxBy(one => one.GetParameters().Length);
}
