using Orleans;

namespace Gofs.Namespaces;

/// <summary>
/// What the master of a namespace is asked for, alone or several together (<see cref="INamespaceGrain.AskAsync"/>): a <see cref="Lookup"/> or
/// one of the commands on names.
/// </summary>
public interface INamespaceRequest;

/// <summary>Asks what a path leads to.</summary>
/// <param name="Path">The path.</param>
/// <param name="FollowLast">Whether a symlink at the last name is followed.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.lookup")]
public sealed record Lookup([property: Id(0)] GofsPath Path, [property: Id(1)] bool FollowLast) : INamespaceRequest;

/// <summary>What one request came to.</summary>
/// <param name="Entry">What is there now; null where nothing is, and of commands that answer nothing.</param>
/// <param name="Opened">Of <see cref="OpenForWriting"/>: where the writer goes next; otherwise null.</param>
/// <param name="Refusal">Why nothing happened, or null.</param>
[GenerateSerializer, Immutable, Alias("gofs.ns.answer")]
public readonly record struct NamespaceAnswer(
    [property: Id(0)] Entry? Entry,
    [property: Id(1)] OpenedFile? Opened,
    [property: Id(2)] GofsExceptionSurrogate? Refusal)
{
    /// <summary>The answer to a request that was refused.</summary>
    public static NamespaceAnswer Refused(GofsException why) => new(null, null, new GofsExceptionConverter().ConvertToSurrogate(in why));

    /// <summary>This answer.</summary>
    /// <exception cref="GofsException">It is a refusal.</exception>
    public NamespaceAnswer OrThrow() => Refusal is { } why ? throw new GofsExceptionConverter().ConvertFromSurrogate(in why) : this;
}
