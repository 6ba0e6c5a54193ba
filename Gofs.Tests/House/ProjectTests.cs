using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>Which project may see which.</summary>
public sealed class ProjectTests
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Gofs.Client"] = [],
        ["Gofs.Grains"] = ["Gofs.Client"],
        ["Gofs.Silo"] = ["Gofs.Client", "Gofs.Grains", "Gofs.Web"],
        ["Gofs.Web"] = ["Gofs.Client"],
        ["Gofs.Ctl"] = ["Gofs.Client"],
    };

    [Fact]
    public void Projects_ReferenceOnlyWhatTheyMay() => Rule.Holds(
        "a project references only the projects that docs/architecture.md lets it use (Web and Ctl never see Grains)",
        Repository.ProductProjects.SelectMany(project => ProjectReferencesOf(project)
            .Where(used => !MayReference.TryGetValue(project, out var may) || !may.Contains(used))
            .Select(used => $"{project} references {used}")));

    [Fact]
    public void Client_UsesOnlyOrleansClientAndSerialization() => Rule.Holds(
        "Gofs.Client uses no package but Orleans' client, SDK and serialization, and the analyzer of banned symbols",
        PackagesOf("Gofs.Client")
            .Where(package => package is not ("Microsoft.Orleans.Client" or "Microsoft.Orleans.Sdk" or "Microsoft.Orleans.Serialization"))
            .Select(package => $"Gofs.Client references {package}"));

    [Fact]
    public void BuiltAssemblies_SeeNoFurtherThanTheirProjects()
    {
        var offenders = new List<string>();
        var never = new[]
        {
            ("Gofs.Client", "Orleans.Runtime"), ("gofsctl", "Gofs.Grains"), ("gofsctl", "gofs-silo"), ("Gofs.Grains", "gofs-silo"),
            ("Gofs.Web", "Gofs.Grains"), ("Gofs.Web", "gofs-silo"), ("Gofs.Web", "Orleans.Runtime"), ("Gofs.Web", "Orleans.Core"),
        };
        foreach (var (assembly, forbidden) in never)
        {
            if (ReferencesOf(assembly).Contains(forbidden)) offenders.Add($"{assembly}.dll uses {forbidden}.dll");
        }

        Rule.Holds("an assembly uses only assemblies of projects it may reference", offenders);
    }

    [Fact]
    public void EveryProductProject_IsDocumentedByTheCompiler()
    {
        var common = XDocument.Parse(Repository.Read("Directory.Build.props"));
        Assert.Equal("true", common.Descendants("GenerateDocumentationFile").Single().Value);
        Assert.Equal("true", common.Descendants("TreatWarningsAsErrors").Single().Value);
        var offenders = new List<string>();
        foreach (var project in Repository.ProductProjects)
        {
            var file = XDocument.Load(Repository.ProjectFile(project));
            offenders.AddRange(file.Descendants().Where(one => one.Name.LocalName is "GenerateDocumentationFile" or "NoWarn" or "TreatWarningsAsErrors")
                .Where(one => one.Value is not "true").Select(one => $"{project}: {one}"));
            if (Repository.SourcesOf(project).Any(path => Repository.Read(path).Contains("pragma warning disable CS1591", StringComparison.Ordinal)))
                offenders.Add($"{project} disables CS1591 in a source");
        }

        Rule.Holds("whatever is public in a product project is documented: CS1591 is an error there", offenders);
    }

    private static IEnumerable<string> ProjectReferencesOf(string project) =>
        XDocument.Load(Repository.ProjectFile(project)).Descendants("ProjectReference")
            .Select(one => Path.GetFileNameWithoutExtension(one.Attribute("Include")!.Value.Replace('\\', '/')));

    private static IEnumerable<string> PackagesOf(string project) =>
        XDocument.Load(Repository.ProjectFile(project)).Descendants("PackageReference").Select(one => one.Attribute("Include")!.Value);

    private static HashSet<string> ReferencesOf(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(one => metadata.GetString(metadata.GetAssemblyReference(one).Name))];
    }
}
