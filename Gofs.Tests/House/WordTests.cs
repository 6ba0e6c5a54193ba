using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Gofs.Tests.House;

/// <summary>One word for each thing, in names and in what is written for people.</summary>
public sealed partial class WordTests
{
    private static readonly HashSet<string> Never = new(StringComparer.OrdinalIgnoreCase)
    {
        "Blob", "Blobs", "Manager", "Managers", "Helper", "Helpers", "Util", "Utils", "Utility", "Processor", "Processors",
    };

    /// <summary>Where "block" is a checksum block.</summary>
    private static readonly string[] ChecksumBlockFiles = ["Gofs.Silo/ChunkServer/"];

    [Fact]
    public void Identifiers_UseTheProjectsWords()
    {
        var offenders = new List<string>();
        foreach (var path in Repository.Sources.Where(path => !path.StartsWith("Gofs.Tests/House/", StringComparison.Ordinal)))
        {
            foreach (var declared in Repository.Parse(path).GetRoot().DescendantTokens().Where(IsDeclared))
            {
                var words = Humps().Matches(declared.Text).Select(match => match.Value).ToList();
                if (words.Any(Never.Contains) || (HasBareBlock(words) && !IsAboutChecksums(path)))
                    offenders.Add($"{path}:{declared.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {declared.Text}");
            }
        }

        Rule.Holds("no identifier says block (but checksum block), blob, manager, helper, utils or processor", offenders);
    }

    [Fact]
    public void Pages_UseTheProjectsWords()
    {
        var offenders = new List<string>();
        foreach (var path in Repository.Pages)
        {
            var lines = Repository.Read(path).Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                var said = Forbidden().Matches(InCode().Replace(lines[i], "")).Select(match => match.Value).FirstOrDefault();
                if (said is not null) offenders.Add($"{path}:{i + 1}: {said}");
            }
        }

        Rule.Holds("no page says block (but checksum block), blob, manager, helper, utils or processor of Gofs' own things", offenders);
    }

    // A method that blocks its caller is no block.
    private static bool HasBareBlock(List<string> words) => words is not ["Block"]
        && words.Where((word, i) => word is ("Block" or "block" or "Blocks" or "blocks") && (i == 0 || words[i - 1] is not ("Checksum" or "checksum"))).Any();

    private static bool IsAboutChecksums(string path) =>
        Array.Exists(ChecksumBlockFiles, path.StartsWith) || path.Contains("Checksum", StringComparison.Ordinal);

    private static bool IsDeclared(SyntaxToken token) => token.IsKind(SyntaxKind.IdentifierToken)
        && token.Parent is BaseTypeDeclarationSyntax or MethodDeclarationSyntax or PropertyDeclarationSyntax or VariableDeclaratorSyntax or ParameterSyntax
            or EnumMemberDeclarationSyntax or EventDeclarationSyntax or DelegateDeclarationSyntax or LocalFunctionStatementSyntax
            or SingleVariableDesignationSyntax
        && token.Text.Length > 0 && token.Parent.ChildTokens().Contains(token);

    [GeneratedRegex(@"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})")]
    private static partial Regex Humps();

    [GeneratedRegex(@"\b(?<!checksum )(blocks?|blobs?|managers?|helpers?|utils?|processors?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"`[^`]*`")]
    private static partial Regex InCode();
}
