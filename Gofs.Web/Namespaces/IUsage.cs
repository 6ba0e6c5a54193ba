namespace Gofs.Web.Namespaces;

/// <summary>What directories hold, as the page uses it.</summary>
internal interface IUsage
{
    /// <summary>Looks at a directory and those in it.</summary>
    Task<DirectoryUsage> ReadAsync(string space, GofsPath directory, CancellationToken cancellation);
}
