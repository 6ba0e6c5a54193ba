using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gofs.Tests.House;

/// <summary>A project's sources with what each name in them means. Generated code is missing, which no rule asks for.</summary>
internal sealed class SourceModel
{
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http;
        global using System.Threading; global using System.Threading.Tasks;
        """;

    private const string WebUsings = """
        global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting; global using Microsoft.AspNetCore.Http;
        global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging;
        """;

    private readonly CSharpCompilation compilation;

    private SourceModel(CSharpCompilation compilation) => this.compilation = compilation;

    /// <summary>Reads a project whose assembly is called <paramref name="assembly"/>.</summary>
    public static SourceModel Of(string project, string assembly)
    {
        var usings = project is "Gofs.Silo" or "Gofs.Web" ? ImplicitUsings + WebUsings : ImplicitUsings;
        return new(CSharpCompilation.Create(
            assembly, [CSharpSyntaxTree.ParseText(usings), .. Repository.SourcesOf(project).Select(Repository.Parse)],
            References.All.Where(one => Path.GetFileNameWithoutExtension(one.FilePath) is var name && name != assembly),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true)));
    }

    /// <summary>Every name in the files for which <paramref name="wanted"/> says yes, and what it means.</summary>
    public IEnumerable<(SimpleNameSyntax Name, ISymbol Meaning)> Names(Func<string, bool> wanted)
    {
        foreach (var tree in compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0 && wanted(tree.FilePath)))
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                if (IsInDirective(name)) continue;
                var found = model.GetSymbolInfo(name);
                if ((found.Symbol ?? found.CandidateSymbols.FirstOrDefault()) is { } meaning) yield return (name, meaning);
            }
        }
    }

    private static bool IsInDirective(SyntaxNode name) => name.Ancestors().Any(above => above switch
    {
        UsingDirectiveSyntax => true,
        BaseNamespaceDeclarationSyntax space => space.Name.Span.Contains(name.Span),
        _ => false,
    });

    /// <summary>The outermost type a symbol is, or is a member of; null for a namespace or a local.</summary>
    public static INamedTypeSymbol? TypeOf(ISymbol symbol)
    {
        if (symbol is ILocalSymbol or IParameterSymbol or IRangeVariableSymbol or ILabelSymbol or INamespaceSymbol or ITypeParameterSymbol) return null;
        var type = symbol as INamedTypeSymbol ?? symbol.ContainingType;
        while (type?.ContainingType is { } outer) type = outer;
        return type;
    }
}
