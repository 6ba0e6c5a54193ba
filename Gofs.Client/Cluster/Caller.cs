using Orleans;
using Orleans.Runtime;

namespace Gofs.Cluster;

/// <summary>
/// Who asks for something, as he says of himself (<see cref="GofsClientOptions.User"/>, <see cref="GofsClientOptions.Host"/>): nobody checks it. It goes
/// beside the calls of administration, in Orleans' request context, so that what is asked for need not have a place for it.
/// </summary>
/// <param name="User">The user's name, at most <see cref="MostChars"/> characters.</param>
/// <param name="Host">The machine's name, as long at most.</param>
[GenerateSerializer, Immutable, Alias("gofs.caller")]
public sealed record Caller([property: Id(0)] string User, [property: Id(1)] string Host)
{
    /// <summary>The longest name.</summary>
    public const int MostChars = 64;

    private const string Key = "gofs.caller";

    /// <summary>Somebody who did not say.</summary>
    public static Caller Unknown { get; } = new("unknown", "");

    /// <summary>The user of this process on this machine.</summary>
    internal static Caller OfProcess { get; } =
        new(Environment.UserName is { Length: > 0 } user ? Cut(user) : "unknown", Cut(Environment.MachineName));

    /// <summary>Who asks for what is being carried out.</summary>
    internal static Caller Current => RequestContext.Get(Key) is string said ? Of(said) : Unknown;

    /// <inheritdoc/>
    public override string ToString() => Host.Length == 0 ? User : $"{User}@{Host}";

    /// <summary>Carries out what is asked for in somebody's name: the calls that are made meanwhile say who it is.</summary>
    internal async Task<T> AsksAsync<T>(Func<Task<T>> work)
    {
        RequestContext.Set(Key, Said); // until this method ends
        return await work();
    }

    /// <summary>As the other one.</summary>
    internal async Task AsksAsync(Func<Task> work)
    {
        RequestContext.Set(Key, Said);
        await work();
    }

    // A text, because a silo of a release without this type could not read the message.
    private string Said => $"{User}\n{Host}";

    private static Caller Of(string said)
    {
        var end = said.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? new(Cut(said), "") : new(Cut(said[..end]), Cut(said[(end + 1)..]));
    }

    private static string Cut(string? name) => name is null ? "" : name.Length <= MostChars ? name : name[..MostChars];
}
