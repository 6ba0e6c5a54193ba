namespace Gofs.Tests.Conformance;

/// <summary>A file system that is up, for all tests of a collection.</summary>
public interface IServedSystem
{
    /// <summary>A client of it.</summary>
    GofsClient Client { get; }

    /// <summary>How that client was connected.</summary>
    GofsClientOptions Options { get; }

    /// <summary>How many silos it has.</summary>
    int Silos { get; }

    /// <summary>A number that nobody got before.</summary>
    int NextNumber();
}
