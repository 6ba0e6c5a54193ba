using System.Globalization;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace Gofs.Tests.House;

/// <summary>Everything that crosses the wire or is written to an EditLog, found in the built assemblies.</summary>
internal static class Contracts
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Assembly[] Assemblies =
        [typeof(GofsClient).Assembly, typeof(Grains.EditLogs.StreamId).Assembly, typeof(Silo.Hosting.SiloSettings).Assembly];

    /// <summary>The types that are serialized.</summary>
    public static IReadOnlyList<Type> Types { get; } = [.. All().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))];

    /// <summary>The grain interfaces.</summary>
    public static IReadOnlyList<Type> Interfaces { get; } = [.. All().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable)))];

    /// <summary>The members of a type that are written, by their ids.</summary>
    public static IEnumerable<(uint Id, string Name, Type Type)> MembersOf(Type type) => type.GetFields(Own)
        .Select(field => (Id: IdOf(field), Name: MemberName(field), Type: field.FieldType))
        .Where(one => one.Id is not null)
        .Select(one => (one.Id!.Value, one.Name, one.Type))
        .OrderBy(one => one.Value)
        .Select(one => (one.Value, one.Name, one.Type));

    /// <summary>The members of a type that would not be written.</summary>
    public static IEnumerable<string> MembersWithoutId(Type type) => type.GetFields(Own)
        .Where(field => IdOf(field) is null && !field.IsDefined(typeof(NonSerializedAttribute)))
        .Select(MemberName);

    /// <summary>One line for each fact that somebody far away or long ago relies on.</summary>
    public static IEnumerable<string> Describe()
    {
        foreach (var type in Types.OrderBy(type => TypeText.OnWire(type), StringComparer.Ordinal))
        {
            var alias = TypeText.OnWire(type);
            yield return type.BaseType is { } above && Types.Contains(above) ? $"{alias} is {TypeText.OnWire(above)}" : alias;
            foreach (var (id, name, member) in MembersOf(type))
                yield return string.Create(CultureInfo.InvariantCulture, $"{alias} {id} {name}: {TypeText.OnWire(member)}");
        }

        foreach (var type in Interfaces.OrderBy(type => TypeText.OnWire(type), StringComparer.Ordinal))
        {
            foreach (var method in type.GetMethods().OrderBy(AliasOf, StringComparer.Ordinal))
                yield return $"{TypeText.OnWire(type)} {AliasOf(method)}({Parameters(method)}) -> {TypeText.OnWire(method.ReturnType)}";
        }

        foreach (var type in Enums().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            foreach (var value in Enum.GetValues(type).Cast<Enum>())
                yield return $"{type.FullName} {Convert.ToInt64(value, CultureInfo.InvariantCulture)} {value}";
        }
    }

    /// <summary>Every type a contract mentions.</summary>
    public static IEnumerable<(string Where, Type Type)> Mentioned()
    {
        foreach (var type in Types)
        {
            foreach (var (_, name, member) in MembersOf(type)) yield return ($"{type.Name}.{name}", member);
        }

        foreach (var method in Interfaces.SelectMany(type => type.GetMethods()))
        {
            var where = $"{method.DeclaringType!.Name}.{method.Name}";
            yield return (where, method.ReturnType);
            foreach (var parameter in method.GetParameters()) yield return ($"{where} {parameter.Name}", parameter.ParameterType);
        }
    }

    /// <summary>A type and what it is made of.</summary>
    public static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];

    /// <summary>A method's name on the wire, or "" when it has none.</summary>
    public static string AliasOf(MethodInfo method) => method.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? "";

    private static IEnumerable<Type> Enums() => Mentioned().SelectMany(one => Parts(one.Type))
        .Where(type => type.IsEnum && Assemblies.Contains(type.Assembly)).Distinct();

    private static IEnumerable<Type> All() => Assemblies.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.Namespace is { } space && space.StartsWith("Gofs", StringComparison.Ordinal));

    private static string Parameters(MethodInfo method) => string.Join(", ", method.GetParameters().Select(one => TypeText.OnWire(one.ParameterType)));

    private static uint? IdOf(FieldInfo field) =>
        (field.GetCustomAttribute<IdAttribute>() ?? PropertyOf(field)?.GetCustomAttribute<IdAttribute>())?.Id;

    private static string MemberName(FieldInfo field) => PropertyOf(field)?.Name ?? field.Name;

    private static PropertyInfo? PropertyOf(FieldInfo field) =>
        field.Name is ['<', .. var rest] ? field.DeclaringType!.GetProperty(rest.Split('>')[0], Own) : null;
}
