namespace Gofs.Transport;

/// <summary>Whoever is asked why a call to a chunk server takes long.</summary>
internal interface ISlowCall
{
    /// <summary>When it is asked for the first time, to a tenth of a second; then once a second.</summary>
    TimeSpan First { get; }

    /// <summary>Why the call shall end, or null: it is worth waiting for. Never fails.</summary>
    Task<GofsException?> LookAsync();
}
