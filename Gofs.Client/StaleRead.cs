namespace Gofs;

/// <summary>An answer of <see cref="StaleReads"/>.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">The answer.</param>
/// <param name="EditLogNumber">
/// The EditLog number up to which it counts, when a standby answered. Null when the master did: then it is the last word, which has no number
/// that could be had without a further call.
/// </param>
public readonly record struct StaleRead<T>(T Value, long? EditLogNumber)
{
    /// <summary>Whether the master answered, because no standby could.</summary>
    public bool IsOfMaster => EditLogNumber is null;
}
