namespace Gofs.Transport;

/// <summary>Whoever is asked why a call to a chunk server takes long.</summary>
internal interface ISlowCall
{
    /// <summary>Why the call shall end, or null: it is worth waiting for. Never fails.</summary>
    Task<GofsException?> LookAsync();
}
