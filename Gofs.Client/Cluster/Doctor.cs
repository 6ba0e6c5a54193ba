using System.Globalization;

namespace Gofs.Cluster;

/// <summary>
/// What is unhealthy in a cluster, why, since when and what to do, judged from a picture of it. Pure: the same picture has the same findings, so whoever
/// takes pictures (gofsctl, the console) says the same.
/// </summary>
public static class Doctor
{
    /// <summary>The findings, the worst first; none when all is healthy.</summary>
    public static IReadOnlyList<DoctorFinding> Examine(ClusterPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return [.. ServerRules.All(picture).Concat(NamespaceRules.All(picture)).OrderByDescending(finding => finding.Severity)];
    }

    /// <summary>All of it in one sentence.</summary>
    public static string Sum(ClusterPicture picture, IReadOnlyList<DoctorFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(findings);
        var (critical, warnings) = (CountOf(findings, DoctorSeverity.Critical), CountOf(findings, DoctorSeverity.Warning));
        var health = critical + warnings == 0 ? "Healthy" : critical == 0 ? "Not quite healthy" : "Unhealthy";
        var why = critical + warnings == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({critical} critical, {warnings} warnings)");
        return string.Create(CultureInfo.InvariantCulture,
            $"{health}{why}: {picture.Silos.Count(silo => silo.IsActive)} silos, {picture.LiveServers} chunk servers and {picture.Namespaces.Count} namespaces serve.");
    }

    private static int CountOf(IReadOnlyList<DoctorFinding> findings, DoctorSeverity severity) => findings.Count(one => one.Severity == severity);
}
