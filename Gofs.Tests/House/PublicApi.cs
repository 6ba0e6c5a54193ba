using System.Reflection;
using System.Runtime.CompilerServices;

namespace Gofs.Tests.House;

/// <summary>What a program that references an assembly can see of it, one line a member.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The surface of an assembly.</summary>
    public static IEnumerable<string> Of(Assembly assembly)
    {
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (type.Namespace is not { } space || !space.StartsWith("Gofs", StringComparison.Ordinal)) continue;
            var name = TypeText.InCode(type);
            yield return $"{Kind(type)} {name}{Bases(type)}";
            foreach (var line in Members(type).Order(StringComparer.Ordinal)) yield return $"{name}: {line}";
        }
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum) return Enum.GetNames(type);
        return type.GetConstructors(Declared).Where(IsSeen).Select(one => $"new({Parameters(one)})")
            .Concat(type.GetFields(Declared).Where(one => one.IsPublic || one.IsFamily)
                .Select(one => $"{(one.IsLiteral ? "const " : "")}{Text(one.FieldType)} {one.Name}"))
            .Concat(type.GetProperties(Declared).Where(one => one.GetAccessors(nonPublic: true).Any(IsSeen) && one.Name != "EqualityContract").Select(Property))
            .Concat(type.GetMethods(Declared)
                .Where(one => IsSeen(one) && !one.IsSpecialName && !one.IsDefined(typeof(CompilerGeneratedAttribute))).Select(Method));
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(IsSeen).ToList();
        var set = property.SetMethod is { } setter && IsSeen(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;" : "";
        var mark = Nullability.Create(property).ReadState == NullabilityState.Nullable && !property.PropertyType.IsValueType ? "?" : "";
        return $"{Static(accessors[0])}{Text(property.PropertyType)}{mark} {property.Name} {{{(property.CanRead ? " get;" : "")}{set} }}";
    }

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(one => one.Name))}>" : "";
        var mark = Nullability.Create(method.ReturnParameter).ReadState == NullabilityState.Nullable && !method.ReturnType.IsValueType ? "?" : "";
        return $"{Static(method)}{Text(method.ReturnType)}{mark} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(one =>
    {
        var mark = Nullability.Create(one).ReadState == NullabilityState.Nullable && !one.ParameterType.IsValueType ? "?" : "";
        return $"{Text(one.ParameterType)}{mark} {one.Name}{(one.IsOptional ? $" = {one.DefaultValue ?? "default"}" : "")}";
    }));

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class" : type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class";

    private static string Bases(Type type)
    {
        var bases = type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? [])
            .Where(one => one.IsPublic && !type.IsEnum).Select(Text).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } above && above != typeof(object) && above != typeof(ValueType) && !type.IsEnum) bases.Insert(0, Text(above));
        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    private static string Text(Type type) => TypeText.InCode(type);
}
