using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>Small files, short methods, one idea a file, nothing left for later.</summary>
public sealed partial class TidyTests
{
    private const int MostLines = 400;
    private const int MostMethodLines = 70;
    private const int MostColumns = 160;
    private const int MostColumnsWithText = 200;

    /// <summary>Files that may be longer, and why.</summary>
    private static readonly string[] LongFiles = [];

    [Fact]
    public void Files_AreShort() => Rule.Holds($"a file has at most {MostLines} lines", Repository.Sources
        .Where(path => !LongFiles.Contains(path))
        .Select(path => (path, Lines: Repository.Read(path).AsSpan().Count('\n')))
        .Where(one => one.Lines > MostLines).Select(one => $"{one.path}: {one.Lines}"));

    [Fact]
    public void Lines_AreShort() => Rule.Holds(
        $"a line has at most {MostColumns} columns, or {MostColumnsWithText} when most of it is one text that is said",
        Repository.Sources
            .SelectMany(path => Repository.Read(path).Split('\n').Select((line, index) => (path, index, line)))
            .Where(one => one.line.Length > (IsMostlyText(one.line) ? MostColumnsWithText : MostColumns))
            .Select(one => $"{one.path}:{one.index + 1}: {one.line.Length}"));

    [Fact]
    public void Methods_AreShort() => Rule.Holds($"a method has at most {MostMethodLines} lines", Repository.Sources
        .SelectMany(path => Repository.Parse(path).GetRoot().DescendantNodes())
        .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax)
        .Select(node => (node, Lines: node.GetLocation().GetLineSpan() is var span ? span.EndLinePosition.Line - span.StartLinePosition.Line + 1 : 0))
        .Where(one => one.Lines > MostMethodLines).Select(one => $"{Repository.Place(one.node)}: {one.Lines}"));

    [Fact]
    public void EventIds_AreOneEventsEach() => Rule.Holds("an event's id is its alone: who looks for it in a log finds nothing else", Repository.Sources
        .SelectMany(path => EventId().Matches(Repository.Read(path)).Select(match => (path, Id: match.Groups[1].Value)))
        .GroupBy(one => one.Id).Where(same => same.Count() > 1)
        .Select(same => $"{same.Key}: {string.Join(", ", same.Select(one => one.path))}"));

    [Fact]
    public void Files_HaveATypeOfTheirName()
    {
        var offenders = new List<string>();
        foreach (var path in Repository.Sources)
        {
            var name = Path.GetFileName(path).Split('.')[0];
            if (name is "Program" or "AssemblyInfo") continue;
            var types = Repository.Parse(path).GetRoot().DescendantNodes()
                .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
                .Select(node => node is BaseTypeDeclarationSyntax type ? type.Identifier.Text : ((DelegateDeclarationSyntax)node).Identifier.Text);
            if (!types.Contains(name) && !IsGroup(path, name)) offenders.Add(path);
        }

        Rule.Holds("a file has a type of its name (or is a named group: XEvents, XMessages, Commands, Rows)", offenders);
    }

    [Fact]
    public void Namespaces_AreFolders()
    {
        var offenders = new List<string>();
        foreach (var path in Repository.Sources)
        {
            var folders = path.Split('/')[..^1];
            if (folders[0] == "Gofs.Client") folders[0] = "Gofs";
            var expected = string.Join('.', folders);
            offenders.AddRange(Repository.Parse(path).GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
                .Where(space => space.Name.ToString() != expected).Select(space => $"{path}: {space.Name}, not {expected}"));
        }

        Rule.Holds("a file's namespace is its folder", offenders);
    }

    [Fact]
    public void NothingIsLeftForLater() => Rule.Holds("no TODO, FIXME, HACK or NotImplementedException", Repository.Sources
        .Where(path => !path.StartsWith("Gofs.Tests/House/", StringComparison.Ordinal))
        .SelectMany(path => Repository.Read(path).Split('\n').Select((line, index) => (path, index, line)))
        .Where(one => Later().IsMatch(one.line)).Select(one => $"{one.path}:{one.index + 1}"));

    [Fact]
    public void NoFailureIsSwallowed() => Rule.Holds("a catch does something, or says in a comment why there is nothing to do", Repository.Sources
        .SelectMany(path => Repository.Parse(path).GetRoot().DescendantNodes().OfType<CatchClauseSyntax>())
        .Where(caught => caught.Block.Statements.Count == 0 && !caught.Block.DescendantTrivia().Any(one => one.IsKind(SyntaxKind.SingleLineCommentTrivia)))
        .Select(Repository.Place));

    [Fact]
    public void EveryError_SaysWhatACallerMayDo() => Rule.Holds("every GofsError has a summary of more than four words",
        Repository.Parse("Gofs.Client/GofsError.cs").GetRoot().DescendantNodes().OfType<EnumMemberDeclarationSyntax>()
            .Where(member => Words().Count(SummaryOf(member)) < 5)
            .Select(member => member.Identifier.Text));

    private static string SummaryOf(EnumMemberDeclarationSyntax member) => string.Concat(member.GetLeadingTrivia()
        .Select(trivia => trivia.GetStructure()).OfType<DocumentationCommentTriviaSyntax>().SelectMany(comment => comment.Content)
        .OfType<XmlElementSyntax>().Where(element => element.StartTag.Name.ToString() == "summary").Select(element => element.Content.ToString()));

    private static bool IsMostlyText(string line) =>
        line.IndexOf('"', StringComparison.Ordinal) is var from && from >= 0 && line.LastIndexOf('"') - from > line.Length / 2;

    /// <summary>Files of small types that belong together: messages, events, rows.</summary>
    private static bool IsGroup(string path, string name) =>
        name.EndsWith("Events", StringComparison.Ordinal) || name.EndsWith("Messages", StringComparison.Ordinal)
        || path is "Gofs.Client/Namespaces/Commands.cs" or "Gofs.Grains/Namespaces/Tree/Rows.cs";

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Later();

    [GeneratedRegex(@"LoggerMessage\((\d+)")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();
}
