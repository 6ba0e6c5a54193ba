using Gofs.Namespaces;

namespace Gofs.Web.EditLog;

/// <summary>EditLogs as their page reads them.</summary>
internal interface IEditLogs
{
    /// <summary>Records from a number on, or (0) the last ones, up to so many, oldest first.</summary>
    Task<EditLogLine[]> ReadAsync(string space, long from, int limit, CancellationToken cancellation);
}
