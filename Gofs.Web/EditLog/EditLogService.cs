using Gofs.Namespaces;

namespace Gofs.Web.EditLog;

/// <summary>EditLogs through the SDK.</summary>
internal sealed class EditLogService(GofsClient client) : IEditLogs
{
    /// <inheritdoc/>
    public Task<EditLogLine[]> ReadAsync(string space, long from, int limit, CancellationToken cancellation) =>
        client.Namespace(space).ReadEditLogAsync(from, limit, cancellation);
}
