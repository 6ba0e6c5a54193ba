using Gofs.Files;
using Gofs.Namespaces;

namespace Gofs.Web.Leases;

/// <summary>A file that is open for writing, and who has it.</summary>
/// <param name="File">The file.</param>
/// <param name="Leases">Who has it; null when its grain did not say.</param>
internal sealed record LeasedFile(OpenFile File, FileLeases? Leases);

/// <summary>Files that are open for writing.</summary>
/// <param name="Files">Some, those that have been open longest first.</param>
/// <param name="Found">How many there are.</param>
internal sealed record LeasedFiles(IReadOnlyList<LeasedFile> Files, long Found);

/// <summary>The files of a namespace that are open for writing, as the page uses them.</summary>
internal interface ILeases
{
    /// <summary>Those with a text in their paths, at most so many.</summary>
    Task<LeasedFiles> ListAsync(string space, string search, int most, CancellationToken cancellation);

    /// <summary>Takes one away from whoever writes it.</summary>
    Task BreakAsync(string space, OpenFile file, CancellationToken cancellation);
}
