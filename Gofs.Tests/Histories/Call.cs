namespace Gofs.Tests.Histories;

/// <summary>One operation of a client as it saw it: what it asked, what it was answered, and when.</summary>
/// <param name="Client">Who asked.</param>
/// <param name="Op">What was asked, with the answer.</param>
/// <param name="Invoked">When it was asked; any clock that all clients share.</param>
/// <param name="Returned">When the answer came; <see cref="Never"/>: none came, so it may take effect at any time after it was asked, or never.</param>
internal sealed record Call<TOp>(int Client, TOp Op, long Invoked, long Returned)
{
    /// <summary>No answer came.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Whether the answer is known.</summary>
    public bool IsAnswered => Returned != Never;

    public override string ToString() =>
        FormattableString.Invariant($"client {Client} [{Invoked / 1e6:0.000}, {(IsAnswered ? FormattableString.Invariant($"{Returned / 1e6:0.000}") : "?")}] {Op}");
}
