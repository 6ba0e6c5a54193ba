using System.Reflection;
using Gofs.Tests.House;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Gofs.Tests.Conformance;

/// <summary>Nothing that a program can do with the SDK is left out of the conformance suite, and every subject runs on both systems.</summary>
public sealed class CompletenessTests
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Type[] Surface = [typeof(GofsClient), typeof(GofsNamespace), typeof(GofsFile), typeof(GofsAppender), typeof(GofsRecordReader)];

    [Fact]
    public void EveryPublicOperation_IsUsedByTheSuite()
    {
        var suite = typeof(CompletenessTests).Namespace!.Replace("Gofs.Tests.", "Gofs.Tests/", StringComparison.Ordinal) + "/";
        var used = SourceModel.Of("Gofs.Tests", "Gofs.Tests").Names(path => path.StartsWith(suite, StringComparison.Ordinal))
            .Select(one => one.Meaning).Where(meaning => meaning is IMethodSymbol or IPropertySymbol)
            .Select(meaning => Text(meaning.ContainingType?.Name, meaning.Name, (meaning as IMethodSymbol)?.Parameters.Select(one => one.Type.Name)))
            .ToHashSet(StringComparer.Ordinal);
        Rule.Holds("every public member of the SDK's classes is used in Gofs.Tests/Conformance", Surface
            .SelectMany(type => type.GetMembers(Public))
            .Where(member => member is PropertyInfo or MethodInfo { IsSpecialName: false })
            .Select(member => Text(member.DeclaringType!.Name, member.Name, (member as MethodInfo)?.GetParameters().Select(one => NameOf(one.ParameterType))))
            .Where(member => !used.Contains(member)));
    }

    [Fact]
    public void EverySubject_RunsOnBothSystems()
    {
        var subjects = typeof(CompletenessTests).Assembly.GetTypes().Where(type => type.IsAbstract && type.BaseType == typeof(ConformanceTests)).ToList();
        Assert.NotEmpty(subjects);
        Rule.Holds("every subject has a class for the embedded silo and one for the cluster", subjects.Where(subject => !subject.Assembly.GetTypes()
            .Where(type => type.BaseType == subject).Select(type => type.GetConstructors()[0].GetParameters()[0].ParameterType)
            .ToHashSet().SetEquals([typeof(EmbeddedSystem), typeof(ClusterSystem)])).Select(subject => subject.Name));
    }

    private static string Text(string? type, string name, IEnumerable<string>? parameters) =>
        $"{type}.{name}{(parameters is null ? "" : $"({string.Join(", ", parameters)})")}";

    /// <summary>As Roslyn has it: without arity, arrays without a name.</summary>
    private static string NameOf(Type type) => type.IsArray ? "" : type.Name.Split('`')[0];
}
