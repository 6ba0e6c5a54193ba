using System.Reflection;
using System.Text;
using Gofs.Tests.House;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Orleans;

namespace Gofs.Tests.Manual;

/// <summary>What an example has at hand without saying so: what the page introduced before.</summary>
public sealed record ExampleSurroundings(GofsClient Client, GofsNamespace Demo, IGrainFactory Grains, TextWriter Output);

/// <summary>Compiles examples, each as the body of a method, into one assembly.</summary>
internal static class ExampleCompiler
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks; global using Gofs;
        """;

    /// <summary>Makes each example a function that runs it.</summary>
    /// <exception cref="InvalidOperationException">An example does not compile; the message says where and why.</exception>
    public static IReadOnlyList<Func<ExampleSurroundings, Task>> Compile(IReadOnlyList<ManualExample> examples)
    {
        var trees = examples.Select((example, index) => CSharpSyntaxTree.ParseText(Wrap(example, index))).Prepend(CSharpSyntaxTree.ParseText(Usings));
        var compilation = CSharpCompilation.Create(
            "Gofs.Tests.Manual.Examples", trees, References.All,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        var faults = result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error).Select(one => one.ToString()).ToList();
        if (faults.Count > 0) throw new InvalidOperationException($"examples do not compile:\n{string.Join('\n', faults)}");
        var assembly = Assembly.Load(image.ToArray());
        return [.. examples.Select((_, index) => Method(assembly, index))];
    }

    private static Func<ExampleSurroundings, Task> Method(Assembly assembly, int index) =>
        assembly.GetType($"Examples.Number{index}.Example")!.GetMethod("RunAsync")!.CreateDelegate<Func<ExampleSurroundings, Task>>();

    /// <summary>Statements become the method, types stand beside it. Line numbers are the page's.</summary>
    private static string Wrap(ManualExample example, int index)
    {
        var root = CSharpSyntaxTree.ParseText(example.Code, new CSharpParseOptions(kind: SourceCodeKind.Regular)).GetCompilationUnitRoot();
        var text = new StringBuilder();
        foreach (var directive in root.Usings) text.Append(directive).Append('\n');
        text.Append("namespace Examples.Number").Append(index).Append("\n{\npublic static class Example\n{\n")
            .Append("static GofsClient client = null!; static GofsNamespace demo = null!; static Orleans.IGrainFactory grains = null!;\n")
            .Append("static TextWriter Console = null!;\n")
            .Append("public static Task RunAsync(Gofs.Tests.Manual.ExampleSurroundings given)\n{\n")
            .Append("(client, demo, grains, Console) = given;\nreturn BodyAsync();\n}\n")
            .Append("private static async Task BodyAsync()\n{\nawait Task.CompletedTask;\n");
        foreach (var statement in root.Members.OfType<GlobalStatementSyntax>())
        {
            var line = example.Line + 1 + statement.GetLocation().GetLineSpan().StartLinePosition.Line;
            text.Append("\n#line ").Append(line).Append(" \"").Append(example.Page).Append("\"\n").Append(statement);
        }

        text.Append("\n#line default\n}\n}\n");
        foreach (var type in root.Members.OfType<BaseTypeDeclarationSyntax>()) text.Append(type).Append('\n');
        return text.Append("}\n").ToString();
    }
}
