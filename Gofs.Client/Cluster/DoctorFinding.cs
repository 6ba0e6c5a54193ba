namespace Gofs.Cluster;

/// <summary>How much a finding of <see cref="Doctor"/> matters.</summary>
public enum DoctorSeverity
{
    /// <summary>Nothing is wrong: something that is good to know, or could be better.</summary>
    Advice = 0,

    /// <summary>Somebody should see to it before something else happens.</summary>
    Warning = 1,

    /// <summary>Something does not work, or bytes can't be read.</summary>
    Critical = 2,
}

/// <summary>One thing that is unhealthy.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Subject">What it is about: a silo, a disk, a namespace.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Why">Why, as far as is known; may be empty.</param>
/// <param name="ToDo">What to do about it, or what is being done.</param>
public sealed record DoctorFinding(DoctorSeverity Severity, string Subject, string What, string Why, string ToDo)
{
    /// <summary>Since when, if that is known.</summary>
    public DateTimeOffset? Since { get; init; }
}
