using Microsoft.CodeAnalysis;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>Data flows one way, and what decides is apart from what acts.</summary>
public sealed class FlowTests
{
    /// <summary>A folder may use those to its right.</summary>
    private static readonly string[] Flow = ["Cluster", "Namespaces", "Files", "Chunks", "ChunkServers"];

    /// <summary>Folders that anybody may use, and that use none of the flow.</summary>
    private static readonly string[] Neutral = ["Control", "EditLogs", "Placement", "Settings"];

    /// <summary>May use all; nobody may use it.</summary>
    private const string Maintenance = "Maintenance";

    private static readonly Lazy<SourceModel> Grains = new(() => SourceModel.Of("Gofs.Grains", "Gofs.Grains"));

    [Fact]
    public void GrainFolders_UseOnlyWhatIsToTheirRight()
    {
        var offenders = new List<string>();
        foreach (var (name, meaning) in Grains.Value.Names(_ => true))
        {
            if (SourceModel.TypeOf(meaning) is not { } type || FolderOf(type) is not { } used) continue;
            var own = name.SyntaxTree.FilePath.Split('/')[1];
            if (own != used && !MayUse(own, used)) offenders.Add($"{Repository.Place(name)}: {own} uses {used} ({type.Name})");
        }

        Rule.Holds(
            $"in Gofs.Grains data flows {string.Join(" → ", Flow)}: a folder uses folders to its right and the neutral {string.Join(", ", Neutral)}, "
            + "never one to its left; nobody uses Maintenance",
            offenders);
    }

    [Fact]
    public void EveryGrainFolder_HasItsPlaceInTheFlow() => Rule.Holds(
        "a folder of Gofs.Grains is in the flow, neutral, or Maintenance: give a new one its place in FlowTests",
        Repository.SourcesOf("Gofs.Grains").Select(path => path.Split('/')[1])
            .Where(folder => !Flow.Contains(folder) && !Neutral.Contains(folder) && folder != Maintenance));

    [Fact]
    public void StateEventsAndDecisions_ArePure()
    {
        var offenders = new List<string>();
        foreach (var (name, meaning) in Grains.Value.Names(IsPure))
        {
            if (SourceModel.TypeOf(meaning) is { } type && WhyImpure(type, meaning) is { } why)
                offenders.Add($"{Repository.Place(name)}: {why} ({meaning.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat)})");
        }

        Rule.Holds(
            "state, events, decisions and placement use no grain, clock, randomness, task or I/O: what they need of these comes in as an argument",
            offenders);
    }

    [Fact]
    public void ChunkServerFolder_HasNoOrleansType()
    {
        var silo = SourceModel.Of("Gofs.Silo", "gofs-silo");
        Rule.Holds("Gofs.Silo/ChunkServer uses no type of Orleans", silo.Names(path => path.StartsWith("Gofs.Silo/ChunkServer/", StringComparison.Ordinal))
            .Where(one => SourceModel.TypeOf(one.Meaning) is { } type && IsIn(type, "Orleans"))
            .Select(one => $"{Repository.Place(one.Name)}: {one.Meaning.ToDisplayString()}"));
    }

    [Fact]
    public void Rules_SeeWhatNamesMean()
    {
        // If the model could not bind names, every rule above would hold for nothing.
        var meanings = Grains.Value.Names(path => path == "Gofs.Grains/Files/FileGrain.cs").Select(one => SourceModel.TypeOf(one.Meaning)?.Name).ToHashSet();
        Assert.Superset(new HashSet<string?> { "FileState", "EditLogGrain", "IChunkTableGrain", "TimeProvider", "Task", "GofsException" }, meanings);
    }

    private static bool MayUse(string own, string used) =>
        used != Maintenance
        && (Neutral.Contains(used) || own == Maintenance
            || (!Neutral.Contains(own) && Array.IndexOf(Flow, own) is var mine && Array.IndexOf(Flow, used) is var its && mine >= 0 && mine < its));

    private static string? FolderOf(INamedTypeSymbol type)
    {
        var full = type.ContainingNamespace.ToDisplayString();
        return full.StartsWith("Gofs.Grains.", StringComparison.Ordinal) ? full.Split('.')[2] : null;
    }

    private static bool IsPure(string path)
    {
        var (folder, file) = (path.Split('/')[1], Path.GetFileNameWithoutExtension(path));
        return file.EndsWith("State", StringComparison.Ordinal) || file.EndsWith("Events", StringComparison.Ordinal)
            || file.EndsWith("Decisions", StringComparison.Ordinal) || file is "PathResolution" or "NamespaceQueries" or "NamespaceSnapshot" or "OpResults"
            || path.Contains("/Namespaces/Tree/", StringComparison.Ordinal)
            || (folder == "Placement" && !file.StartsWith("PinToSiloName", StringComparison.Ordinal));
    }

    private static string? WhyImpure(INamedTypeSymbol type, ISymbol meaning)
    {
        if (Inherits(type, "System.Attribute")) return null;
        if (meaning.Name is "Now" or "UtcNow" or "Today" && IsIn(type, "System")) return "reads a clock";
        if (meaning.Name is "NewGuid" or "CreateVersion7") return "makes an id";
        if (meaning.Name == "New" && type.Name.EndsWith("Id", StringComparison.Ordinal)) return "makes an id";
        if (type.Name is "TimeProvider" or "Stopwatch" or "Environment") return "uses a clock or the machine";
        if (type.Name is "Random" or "RandomNumberGenerator") return "uses randomness";
        if (IsIn(type, "System.IO") || IsIn(type, "System.Net") || IsIn(type, "Microsoft")) return "uses I/O or a service";
        if (IsIn(type, "System.Threading")) return "waits";
        return IsIn(type, "Orleans") || type.Name.EndsWith("Grain", StringComparison.Ordinal) ? "uses a grain" : null;
    }

    private static bool Inherits(INamedTypeSymbol type, string name)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.ToDisplayString() == name) return true;
        }

        return false;
    }

    private static bool IsIn(INamedTypeSymbol type, string space) =>
        type.ContainingNamespace.ToDisplayString() is var full && (full == space || full.StartsWith(space + ".", StringComparison.Ordinal));
}
