using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Gofs.Tests.House;

/// <summary>The sources these tests were built from, as files on disk.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Gofs.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The projects there are.</summary>
    public static IReadOnlyList<string> Projects { get; } =
        [.. Directory.EnumerateDirectories(Root, "Gofs.*").Select(folder => Path.GetFileName(folder)!)
            .Where(name => File.Exists(ProjectFile(name))).Order(StringComparer.Ordinal)];

    /// <summary>Those whose assemblies people use; the others prove and measure them.</summary>
    public static IEnumerable<string> ProductProjects => Projects.Where(name => name is not ("Gofs.Tests" or "Gofs.Bench"));

    /// <summary>A project's file.</summary>
    public static string ProjectFile(string project) => Path.Combine(Root, project, project + ".csproj");

    /// <summary>A file by its path from the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The C# files of a project, as paths from the root with '/'.</summary>
    public static IEnumerable<string> SourcesOf(string project) =>
        Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !Regex.IsMatch(file, "/(obj|bin)/"))
            .Order(StringComparer.Ordinal);

    /// <summary>The C# files of all projects.</summary>
    public static IEnumerable<string> Sources => Projects.SelectMany(SourcesOf);

    /// <summary>The pages written for people.</summary>
    public static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Root, "README.md"))
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'));

    /// <summary>A source file's syntax.</summary>
    public static SyntaxTree Parse(string path) =>
        CSharpSyntaxTree.ParseText(Read(path), new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Parse), path);

    /// <summary>Where a node is, as file:line.</summary>
    public static string Place(SyntaxNode node) =>
        $"{node.SyntaxTree.FilePath}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gofs.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no folder above {AppContext.BaseDirectory} has a Gofs.sln");
    }
}
