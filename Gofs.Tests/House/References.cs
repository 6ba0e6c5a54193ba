using Microsoft.CodeAnalysis;

namespace Gofs.Tests.House;

/// <summary>The assemblies this process can load, for compiling against them.</summary>
internal static class References
{
    /// <summary>All of them: the framework, the packages, Gofs.</summary>
    public static IReadOnlyList<PortableExecutableReference> All { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(file => MetadataReference.CreateFromFile(file))];
}
