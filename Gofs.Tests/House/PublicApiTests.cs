using Xunit;

namespace Gofs.Tests.House;

/// <summary>A change of what programs see of the SDK is seen in review.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void ClientSurface_IsAsReviewed() => Golden.Compare(
        "PublicApi.Client.txt", PublicApi.Of(typeof(GofsClient).Assembly),
        "No longer there or changed; programs that use it will not compile or run. When that is meant, remove:",
        mayShrink: true);
}
