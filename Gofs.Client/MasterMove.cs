namespace Gofs;

/// <summary>A namespace's master before and after it was moved on purpose.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="From">The silo it was on.</param>
/// <param name="To">The silo it is on now; the same when it was there already and nothing was done.</param>
/// <param name="Epoch">The stream's epoch that the master holds now.</param>
/// <param name="Took">From the request until the new master answered.</param>
public sealed record MasterMove(string Namespace, string From, string To, long Epoch, TimeSpan Took);
