using Gofs.Transport;
using Orleans;

namespace Gofs;

/// <summary>The one exception of Gofs: what went wrong (<see cref="Error"/>) and where (<see cref="Path"/>).</summary>
public sealed class GofsException : IOException
{
    /// <summary>Makes an exception for <paramref name="error"/> at <paramref name="path"/>.</summary>
    /// <param name="error">What went wrong; its docs say what a caller may do.</param>
    /// <param name="message">One line for a person, without the path.</param>
    /// <param name="path">The path, chunk or folder it is about, or empty.</param>
    /// <param name="inner">The cause, kept in this process only.</param>
    public GofsException(GofsError error, string message, string path = "", Exception? inner = null)
        : base(path.Length == 0 ? message : $"{path}: {message}", inner)
    {
        Error = error;
        Path = path;
        Detail = message;
    }

    /// <summary>What went wrong.</summary>
    public GofsError Error { get; }

    /// <summary>What it is about: a path, a chunk handle, a folder; or empty.</summary>
    public string Path { get; }

    /// <summary>The line for a person, without the path.</summary>
    public string Detail { get; }
}

/// <summary>How <see cref="GofsException"/> crosses the wire.</summary>
[GenerateSerializer, Immutable, Alias("gofs.exception")]
public struct GofsExceptionSurrogate
{
    /// <summary>See <see cref="GofsException.Error"/>.</summary>
    [Id(0)] public GofsError Error { get; set; }

    /// <summary>See <see cref="GofsException.Detail"/>.</summary>
    [Id(1)] public string Detail { get; set; }

    /// <summary>See <see cref="GofsException.Path"/>.</summary>
    [Id(2)] public string Path { get; set; }

    /// <summary>Of the servers of a chain, the one behind the first that failed: how many hops away; 0 when it was the first, or no chain.</summary>
    [Id(3)] public int FailedHop { get; set; }
}

/// <summary>Converts between the exception and its wire form.</summary>
[RegisterConverter]
public sealed class GofsExceptionConverter : IConverter<GofsException, GofsExceptionSurrogate>
{
    /// <inheritdoc/>
    public GofsException ConvertFromSurrogate(in GofsExceptionSurrogate surrogate)
    {
        var failure = new GofsException(surrogate.Error, surrogate.Detail, surrogate.Path);
        if (surrogate.FailedHop > 0) failure.Data[DataConnection.FailedHopKey] = surrogate.FailedHop;
        return failure;
    }

    /// <inheritdoc/>
    public GofsExceptionSurrogate ConvertToSurrogate(in GofsException value) =>
        new()
        {
            Error = value.Error,
            Detail = value.Detail,
            Path = value.Path,
            FailedHop = value.Data[DataConnection.FailedHopKey] as int? ?? 0,
        };
}
