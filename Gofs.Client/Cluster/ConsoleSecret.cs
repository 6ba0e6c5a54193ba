using System.Security.Cryptography;
using Orleans;

namespace Gofs.Cluster;

/// <summary>
/// What a password is checked with, and from which it can't be read: PBKDF2 with HMAC-SHA-256, over a salt of its own. Made where the password is typed, so
/// that it goes nowhere in clear.
/// </summary>
/// <param name="Salt">Random bytes.</param>
/// <param name="Hash">What comes out.</param>
/// <param name="Iterations">How often it was hashed.</param>
[GenerateSerializer, Immutable, Alias("gofs.cluster.console-secret")]
public sealed record ConsoleSecret([property: Id(0)] byte[] Salt, [property: Id(1)] byte[] Hash, [property: Id(2)] int Iterations)
{
    /// <summary>The shortest password, in characters.</summary>
    public const int LeastChars = 8;

    /// <summary>The longest.</summary>
    public const int MostChars = 256;

    private const int Bytes = 32;
    private const int Now = 600_000;
    private const int MostIterations = 10_000_000;

    /// <summary>Nobody's: checking against it takes as long as against another, and fails.</summary>
    internal static ConsoleSecret Nobodys { get; } = new(new byte[Bytes], new byte[Bytes], Now);

    /// <summary>Makes one.</summary>
    /// <exception cref="GofsException"><see cref="GofsError.InvalidArgument"/>: the password is too short or too long.</exception>
    public static ConsoleSecret Of(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (password.Length is < LeastChars or > MostChars)
            throw new GofsException(GofsError.InvalidArgument, $"a password has {LeastChars} to {MostChars} characters");
        var salt = RandomNumberGenerator.GetBytes(Bytes);
        return new(salt, Derive(password, salt, Now), Now);
    }

    /// <summary>Whether a password is this one's; takes a good part of a second, on purpose.</summary>
    public bool IsOf(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        return password.Length <= MostChars && Iterations is > 0 and <= MostIterations && Hash.Length == Bytes
            && CryptographicOperations.FixedTimeEquals(Hash, Derive(password, Salt, Iterations));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, Bytes);
}
