using Gofs.Files;
using Xunit;

namespace Gofs.Tests.Files;

public sealed class LeaseIdTests
{
    [Fact]
    public void NextAsking_IsLater_AndOfTheSameHolder()
    {
        var (first, other) = (LeaseId.New(), LeaseId.New());
        var third = first.Next().Next();
        Assert.True(third.IsOfSameHolder(first) && third.IsLaterThan(first) && !first.IsLaterThan(third) && !first.IsLaterThan(first));
        Assert.False(other.IsOfSameHolder(first) || other.IsLaterThan(first) || first.IsLaterThan(other));
    }

    [Fact]
    public void CountThatIsAtItsEnd_BeginsAnew()
    {
        var last = new LeaseId(new Guid([1, 2, 3, 4, 5, 6, 7, 8, 255, 255, 255, 255, 255, 255, 255, 255]));
        Assert.Equal(new Guid([1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]), last.Next().Value);
        Assert.True(last.Next().IsLaterThan(last));
    }
}
