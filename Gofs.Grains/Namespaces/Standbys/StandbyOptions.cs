namespace Gofs.Grains.Namespaces.Standbys;

/// <summary>Settings of standbys.</summary>
public sealed class StandbyOptions
{
    /// <summary>Standbys of each namespace, on as many other silos, 0 to 8. Default 1. Where there is one silo there are none.</summary>
    public int Standbys { get; set; } = 1;
}
