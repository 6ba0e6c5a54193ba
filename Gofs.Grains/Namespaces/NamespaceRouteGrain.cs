using Gofs.Grains.Namespaces.Standbys;
using Gofs.Namespaces;
using Orleans;
using Orleans.Concurrency;

namespace Gofs.Grains.Namespaces;

/// <summary>Asks the master from where it is asked: a stateless worker on every silo.</summary>
[StatelessWorker(1), Reentrant]
internal sealed class NamespaceRouteGrain(LocalMetaServer local) : Grain, INamespaceRouteGrain
{
    private string name = "";
    private INamespaceGrain? master;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.GetPrimaryKeyLong(out var extension);
        name = extension ?? throw new GofsException(GofsError.InvalidArgument, "a route's key is a number and the name of a namespace");
        master = GrainFactory.GetGrain<INamespaceGrain>(name);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<RoutedAnswers> AskAsync(INamespaceRequest[] requests, CancellationToken cancellation) =>
        new(await master!.AskAsync(requests, cancellation), local.HasMaster(name));

    /// <inheritdoc/>
    public Task<bool> IsAtMasterAsync() => Task.FromResult(local.HasMaster(name));
}
