using Gofs.ChunkServers;

namespace Gofs.Grains.Chunks.Healing;

/// <summary>What a server said to a version it was offered.</summary>
public enum OfferAnswer
{
    /// <summary>It has it now.</summary>
    Taken,

    /// <summary>It does not have the chunk, or its replica is none of those that count.</summary>
    Refused,

    /// <summary>Nothing: it may have taken it.</summary>
    Unknown,

    /// <summary>It has a newer version: a former owner of the table offered it, which nobody knows of. Its replica is as good as the others.</summary>
    Newer,
}

/// <summary>What to do after a round of offers.</summary>
public enum RoundEnd
{
    /// <summary>All that were asked have the version: it may count.</summary>
    Done,

    /// <summary>Offer a newer version to those that are left.</summary>
    Again,

    /// <summary>Too few are left. No version that was offered may count.</summary>
    GivenUp,
}

/// <summary>
/// Brings a chunk's good replicas to one new version, so that another replica can join them or one leave. A server that does not say whether it took a
/// version is asked again with the others, under a newer one, since what it may have taken must not count without it, and so is one that has a newer one;
/// after <see cref="Patience"/> rounds it is left out, unless too few would be left. Pure.
/// </summary>
/// <param name="holders">The servers that have good replicas.</param>
/// <param name="least">How many of them must take the version.</param>
public sealed class VersionRound(ServerId[] holders, int least)
{
    /// <summary>Rounds in which a server that does not answer, or has a newer version, is asked again.</summary>
    public const int Patience = 3;

    private readonly List<ServerId> refused = [];
    private int rounds;

    /// <summary>Whom to offer the next version to; after the last round those that have it.</summary>
    public ServerId[] Asked { get; private set; } = holders;

    /// <summary>Servers whose replicas are none.</summary>
    public IReadOnlyList<ServerId> Refused => refused;

    /// <summary>What the servers that were asked said, in their order.</summary>
    public RoundEnd Hear(IReadOnlyList<OfferAnswer> answers)
    {
        rounds++;
        refused.AddRange(Asked.Where((_, i) => answers[i] == OfferAnswer.Refused));
        if (!answers.Any(IsOpen))
        {
            Asked = [.. Asked.Where((_, i) => answers[i] == OfferAnswer.Taken)];
            return Asked.Length >= least && Asked.Length > 0 ? RoundEnd.Done : RoundEnd.GivenUp;
        }

        Asked = [.. Asked.Where((_, i) => answers[i] == OfferAnswer.Taken || (rounds < Patience && IsOpen(answers[i])))];
        return Asked.Length >= least && Asked.Length > 0 ? RoundEnd.Again : RoundEnd.GivenUp;
    }

    /// <summary>What it means that an offer failed.</summary>
    public static OfferAnswer AnswerOf(Exception failed) => failed switch
    {
        GofsException { Error: GofsError.ChunkNotFound or GofsError.ReplicasDiffer } => OfferAnswer.Refused,
        GofsException { Error: GofsError.StaleVersion } => OfferAnswer.Newer,
        _ => OfferAnswer.Unknown,
    };

    private static bool IsOpen(OfferAnswer answer) => answer is OfferAnswer.Unknown or OfferAnswer.Newer;
}
