using Gofs.Grains.Chunks;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Gofs.Tests.EditLogs;

/// <summary>Orleans' serializers as a silo has them.</summary>
internal static class EventSerializers
{
    public static readonly IServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static Serializer<T> Of<T>() => Services.GetRequiredService<Serializer<T>>();

    /// <summary>For tests that only need some event.</summary>
    public static readonly Serializer<ChunkTableEvent> Some = Of<ChunkTableEvent>();
}
