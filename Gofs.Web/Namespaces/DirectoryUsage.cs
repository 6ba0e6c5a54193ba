using Gofs.Namespaces;

namespace Gofs.Web.Namespaces;

/// <summary>What a directory holds, and each directory in it.</summary>
/// <param name="All">All that is below it, itself included.</param>
/// <param name="Directories">The directories in it, those with the most bytes first.</param>
/// <param name="IsCut">Whether there are more, which were not looked at.</param>
internal sealed record DirectoryUsage(TreeCount All, IReadOnlyList<(GofsPath Path, TreeCount Count)> Directories, bool IsCut)
{
    /// <summary>Bytes of the files directly in it, and of what was not looked at.</summary>
    public long OtherBytes => All.LengthBytes - Directories.Sum(one => one.Count.LengthBytes);

    /// <summary>How many files those are.</summary>
    public long OtherFiles => All.Files - Directories.Sum(one => one.Count.Files);
}
